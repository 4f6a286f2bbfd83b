import { sampleMeanSquareKernel } from "../../../mean-square.js";
import type { Graph } from "../graph.js";
import type { Value } from "../model.js";
import { microsoft } from "../model.js";
import type { Kernel } from "../plan.js";
import { kernel } from "../plan.js";
import { allFloat } from "./checks.js";

/** Elements that one product sums at most: few enough that a float32 sum is good to some 1e-7. */
const longest = 4096;

/** The largest divisor of `size` that is at most `longest`. */
function runLength(size: number): number {
  for (let length = Math.min(size, longest); length > 1; length--) {
    if (size % length === 0) return length;
  }
  return 1;
}

/**
 * Sums of squares of runs, `[runs, length]` to `[runs, 1]`: each the product with itself. A factor
 * other than 1 would cost ONNX Runtime's fast products.
 */
function sumsOfRuns(graph: Graph, x: Value, runs: number, length: number): Value {
  if (graph.onGpu) {
    const rows = graph.node("Reshape", [x, graph.integers([runs, length])]);
    const squares = graph.node("Mul", [rows, rows]);
    return graph.node("ReduceSum", [squares, graph.integers([1])], { keepdims: 1 });
  }
  const rows = graph.node("Reshape", [x, graph.integers([runs, 1, length])]);
  return graph.node("FusedMatMul", [rows, rows], { transB: 1 }, microsoft);
}

/** In whatever layout the signal lies, a sample's elements lie together. */
const sampleMeanSquares = kernel(sampleMeanSquareKernel, ({ x }) => {
  if (x === undefined || !allFloat(x)) return undefined;
  const [samples, ...rest] = x.shape as [number, ...number[]];
  const size = rest.reduce((product, axis) => product * axis, 1);
  const length = runLength(size);
  return {
    key: "",
    inputs: [x],
    shape: [samples],
    append: (graph, [operand]) => {
      const count = size / length;
      const value = operand!.in(operand!.layout);
      const sums = sumsOfRuns(graph, value, samples * count, length);
      const bySample = graph.node("Reshape", [sums, graph.integers([samples, count])]);
      const means = graph.node("ReduceMean", [bySample], { axes: [1], keepdims: 0 });
      const scaled = graph.node("Mul", [means, graph.scalar(1 / length)]);
      return { value: scaled, layout: "rows" };
    },
  };
});

/** Mean squares of samples, without a list of the squares. */
export const sampleMeanSquareKernels: readonly Kernel[] = [sampleMeanSquares];
