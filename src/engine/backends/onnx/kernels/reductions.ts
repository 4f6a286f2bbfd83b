import { meanSquareKernel, positionAxes } from "../../../mean-square.js";
import * as tf from "../../../tf.js";
import type { Graph, Value } from "../graph.js";
import type { Kernel } from "../kernel.js";
import { allFloat, kernel, worthwhile } from "../kernel.js";

type Given = {
  axis?: number | number[];
  reductionIndices?: number | number[];
  keepDims: boolean;
};

type Append = (graph: Graph, x: Value, axes: number[], keepdims: number) => Value;

const all = (shape: readonly number[]): number[] => shape.map((_, i) => i);

function reduction(name: string, append: Append): Kernel {
  return kernel<Given>(name, ({ x }, { axis, reductionIndices, keepDims }) => {
    if (x === undefined || !worthwhile(x) || !allFloat(x)) return undefined;
    const given = axis ?? reductionIndices ?? all(x.shape);
    const axes = tf.util.parseAxisParam(given, x.shape);
    if (axes.length === 0) return undefined;
    const [kept] = tf.backend_util.computeOutAndReduceShapes(x.shape, axes);
    const shape = keepDims ? tf.backend_util.expandShapeToKeepDim(kept, axes) : kept;
    return {
      key: `${name}${axes};${keepDims}`,
      inputs: [{ tensor: x }],
      shape,
      append: (graph, [value]) => append(graph, value!, axes, keepDims ? 1 : 0),
    };
  });
}

/** A reduction whose axes are an attribute. */
const direct = (name: string, operation: string): Kernel =>
  reduction(name, (graph, x, axes, keepdims) => graph.node(operation, [x], { axes, keepdims }));

const softmax = kernel<{ dim: number }>(tf.Softmax, ({ logits }, { dim }) => {
  if (logits === undefined || !worthwhile(logits) || !allFloat(logits)) return undefined;
  const axis = tf.util.parseAxisParam(dim, logits.shape)[0]!;
  return {
    key: `softmax${axis}`,
    inputs: [{ tensor: logits }],
    shape: logits.shape,
    append: (graph, [value]) => graph.node("Softmax", [value!], { axis }),
  };
});

/** The squares are multiplied and summed within one graph, so they are never handed out. */
const positionMeanSquares = kernel(meanSquareKernel, ({ x }) => {
  if (x === undefined || !worthwhile(x) || !allFloat(x)) return undefined;
  const axes = positionAxes(x.shape.length);
  return {
    key: meanSquareKernel,
    inputs: [{ tensor: x }],
    shape: x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
    append: (graph, [value]) => {
      const squares = graph.node("Mul", [value!, value!]);
      return graph.node("ReduceMean", [squares], { axes, keepdims: 1 });
    },
  };
});

/** Sums, means, extremes and softmax. */
export const reductionKernels: readonly Kernel[] = [
  reduction(tf.Sum, (graph, x, axes, keepdims) =>
    graph.node("ReduceSum", [x, graph.integers(axes)], { keepdims }),
  ),
  direct(tf.Mean, "ReduceMean"),
  direct(tf.Max, "ReduceMax"),
  direct(tf.Min, "ReduceMin"),
  softmax,
  positionMeanSquares,
];
