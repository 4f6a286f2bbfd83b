import * as tf from "../../../tf.js";
import type { Graph } from "../graph.js";
import type { Value } from "../model.js";
import type { Kernel, Planned } from "../plan.js";
import { kernel } from "../plan.js";
import type { Held } from "./checks.js";
import { isHeld } from "./checks.js";

type Given = {
  axis?: number | number[];
  reductionIndices?: number | number[];
  keepDims: boolean;
};

/** Element types as ONNX numbers them. */
const number = { float32: 1, int32: 6, bool: 9 } as const;

const cast = (graph: Graph, value: Value, type: Held["dtype"]): Value =>
  graph.node("Cast", [value], { to: number[type] });

/** Reduces whole numbers over axes. */
type Reduce = (graph: Graph, x: Value, axes: readonly number[]) => Value;

const reduceWith =
  (operation: string): Reduce =>
  (graph, x, axes) =>
    graph.node(operation, [x], { axes, keepdims: 0 });

const reduceSum: Reduce = (graph, x, axes) =>
  graph.node("ReduceSum", [x, graph.integers([...axes])], { keepdims: 0 });

function axesOf(x: Held, { axis, reductionIndices }: Given): number[] {
  const every = x.shape.map((_, i) => i);
  return tf.util.parseAxisParam(axis ?? reductionIndices ?? every, x.shape);
}

function planReduction(x: Held, given: Given, reduce: Reduce, type: Held["dtype"]): Planned {
  const axes = axesOf(x, given);
  if (axes.length === 0 && x.dtype === type) return { same: x };
  const [kept] = tf.backend_util.computeOutAndReduceShapes(x.shape, axes);
  const shape = given.keepDims ? tf.backend_util.expandShapeToKeepDim(kept, axes) : kept;
  return {
    key: `${axes};${given.keepDims ? 1 : 0}`,
    inputs: [x],
    shape,
    type,
    append: (graph, [operand]) => {
      const rows = operand!.in("rows");
      const value = axes.length === 0 ? cast(graph, rows, type) : reduce(graph, rows, axes);
      return { value: graph.node("Reshape", [value, graph.integers(shape)]), layout: "rows" };
    },
  };
}

/** A reduction of whole numbers; floats that are reduced over no axes stay as they are. */
function ofWhole(name: string, reduce: Reduce): Kernel {
  return kernel<Given>(name, ({ x }, given) => {
    if (!isHeld(x)) return undefined;
    if (x.dtype === "int32") return planReduction(x, given, reduce, "int32");
    return x.dtype === "float32" && axesOf(x, given).length === 0 ? { same: x } : undefined;
  });
}

/** The mean of whole numbers and truth values is a float. */
const mean = kernel<Given>(tf.Mean, ({ x }, given) => {
  if (!isHeld(x)) return undefined;
  if (x.dtype === "float32") return axesOf(x, given).length === 0 ? { same: x } : undefined;
  const reduce: Reduce = (graph, rows, axes) =>
    graph.node("ReduceMean", [cast(graph, rows, "float32")], { axes, keepdims: 0 });
  return planReduction(x, given, reduce, "float32");
});

/** Truth values are counted as 0 and 1. */
function ofTruth(name: string, operation: string): Kernel {
  const reduce: Reduce = (graph, x, axes) => {
    const counted = graph.node(operation, [cast(graph, x, "int32")], { axes, keepdims: 0 });
    return cast(graph, counted, "bool");
  };
  return kernel<Given>(name, ({ x }, given) =>
    isHeld(x) && x.dtype === "bool" ? planReduction(x, given, reduce, "bool") : undefined,
  );
}

/** Reductions of whole numbers and truth values. */
export const wholeReductionKernels: readonly Kernel[] = [
  ofWhole(tf.Sum, reduceSum),
  ofWhole(tf.Max, reduceWith("ReduceMax")),
  ofWhole(tf.Min, reduceWith("ReduceMin")),
  ofWhole(tf.Prod, reduceWith("ReduceProd")),
  mean,
  ofTruth(tf.Any, "ReduceMax"),
  ofTruth(tf.All, "ReduceMin"),
];
