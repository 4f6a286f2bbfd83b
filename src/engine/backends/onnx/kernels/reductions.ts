import { meanSquareKernel, positionAxes } from "../../../mean-square.js";
import * as tf from "../../../tf.js";
import type { Graph } from "../graph.js";
import type { Value } from "../model.js";
import { blockedDomain } from "../model.js";
import type { Layout, Operand, Placed } from "../operand.js";
import { isSignal, operandOf, planeAxes } from "../operand.js";
import type { Kernel } from "../plan.js";
import { kernel } from "../plan.js";
import { allFloat } from "./checks.js";

type Given = {
  axis?: number | number[];
  reductionIndices?: number | number[];
  keepDims: boolean;
};

const all = (shape: readonly number[]): number[] => shape.map((_, i) => i);

/** A value that is being reduced, and where its elements lie; reduced axes stay as size 1. */
interface Partial {
  readonly value: Value;
  readonly layout: Layout;
}

/** The mean over all positions of a signal, which ONNX Runtime does in blocks as well. */
function meanOverPositions(graph: Graph, value: Value, layout: Layout): Value {
  const domain = layout === "blocks" ? blockedDomain : "";
  return graph.node("GlobalAveragePool", [value], {}, domain);
}

/** How a reduction is done on axes in the order in which they lie. */
type Reduce = (graph: Graph, x: Value, axes: readonly number[], keepdims: 0 | 1) => Value;

const reduceWith =
  (operation: string): Reduce =>
  (graph, x, axes, keepdims) =>
    graph.node(operation, [x], { axes, keepdims });

const reduceSum: Reduce = (graph, x, axes, keepdims) =>
  graph.node("ReduceSum", [x, graph.integers([...axes])], { keepdims });

/** Reduces what is left of the axes after a global pool; in rows or planes. */
function reduceRest(
  graph: Graph,
  { value, layout }: Partial,
  axes: readonly number[],
  reduce: Reduce,
): Partial {
  if (axes.length === 0) return { value, layout };
  const lying = layout === "rows" ? axes : axes.map((axis) => planeAxes.indexOf(axis as 0));
  return {
    value: reduce(
      graph,
      value,
      lying.toSorted((a, b) => a - b),
      1,
    ),
    layout,
  };
}

/** Whether the axes that are kept come in the callers' order in planes as well. */
function keptInOrder(shape: readonly number[], axes: readonly number[]): boolean {
  const kept = (axis: number): boolean => !axes.includes(axis) && shape[axis] !== 1;
  return !kept(3) || (!kept(1) && !kept(2));
}

/** How a sum or mean over all positions follows from the mean over them; undefined: not at all. */
type FromMean = (graph: Graph, mean: Value, count: number) => Value;

interface Reduction {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
  readonly outShape: readonly number[];
  readonly reduce: Reduce;
  readonly fromMean: FromMean | undefined;
}

/** Sums and means over positions pool first, in whatever layout the signal has. */
function reduceSignal(graph: Graph, x: Operand, reduction: Reduction): Partial {
  const { axes, reduce, fromMean } = reduction;
  const count = x.shape[1]! * x.shape[2]!;
  const overPositions = axes.includes(1) && axes.includes(2) && count > 1;
  if (fromMean === undefined || !overPositions || x.layout === "rows") {
    const layout = x.layout === "blocks" ? "planes" : x.layout;
    return reduceRest(graph, { value: x.in(layout), layout }, axes, reduce);
  }
  const mean = meanOverPositions(graph, x.in(x.layout), x.layout);
  const rest = axes.filter((axis) => axis !== 1 && axis !== 2);
  const blocked = x.layout === "blocks";
  const planes = blocked
    ? graph.node(
        "ReorderOutput",
        [mean],
        { channels: x.shape[3]!, channels_last: 0 },
        blockedDomain,
      )
    : mean;
  return reduceRest(
    graph,
    { value: fromMean(graph, planes, count), layout: "planes" },
    rest,
    reduce,
  );
}

function appendReduction(graph: Graph, x: Operand, reduction: Reduction): Placed {
  const { axes, keepDims, outShape, reduce } = reduction;
  if (!isSignal(x.shape)) {
    const value = reduce(graph, x.in("rows"), axes, keepDims ? 1 : 0);
    return { value, layout: "rows" };
  }
  const shape = graph.integers(outShape);
  const { value, layout } = reduceSignal(graph, x, reduction);
  if (keepDims) return { value, layout };
  if (layout === "rows" || keptInOrder(x.shape, axes)) {
    return { value: graph.node("Reshape", [value, shape]), layout: "rows" };
  }
  const rows = graph.node("Transpose", [value], { perm: [0, 2, 3, 1] });
  return { value: graph.node("Reshape", [rows, shape]), layout: "rows" };
}

function reduction(name: string, reduce: Reduce, fromMean?: FromMean): Kernel {
  return kernel<Given>(name, ({ x }, { axis, reductionIndices, keepDims }) => {
    if (x === undefined || !allFloat(x)) return undefined;
    const axes = tf.util.parseAxisParam(axis ?? reductionIndices ?? all(x.shape), x.shape);
    if (axes.length === 0) return undefined;
    const [kept] = tf.backend_util.computeOutAndReduceShapes(x.shape, axes);
    const outShape = keepDims ? tf.backend_util.expandShapeToKeepDim(kept, axes) : kept;
    return {
      key: `${axes};${keepDims ? 1 : 0}`,
      inputs: [x],
      shape: outShape,
      append: (graph, [operand]) =>
        appendReduction(graph, operand!, { axes, keepDims, outShape, reduce, fromMean }),
    };
  });
}

const softmax = kernel<{ dim: number }>(tf.Softmax, ({ logits }, { dim }) => {
  if (logits === undefined || !allFloat(logits)) return undefined;
  const axis = tf.util.parseAxisParam(dim, logits.shape)[0]!;
  return {
    key: `${axis}`,
    inputs: [logits],
    shape: logits.shape,
    append: (graph, [operand]) => ({
      value: graph.node("Softmax", [operand!.in("rows")], { axis }),
      layout: "rows",
    }),
  };
});

/** The squares are multiplied and summed within one graph, so they are never handed out. */
const positionMeanSquares = kernel(meanSquareKernel, ({ x }) => {
  if (x === undefined || !allFloat(x)) return undefined;
  const axes = positionAxes(x.shape.length);
  const outShape = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const reduce = reduceWith("ReduceMean");
  const given = { axes, keepDims: true, outShape, reduce, fromMean: identity };
  return {
    key: "",
    inputs: [x],
    shape: outShape,
    append: (graph, [operand]) => {
      const { layout, shape, type } = operand!;
      const value = operand!.in(layout);
      const placed = { value: graph.node("Mul", [value, value]), layout };
      return appendReduction(graph, operandOf(graph, { shape, type, placed }), given);
    },
  };
});

const identity: FromMean = (_, mean) => mean;

/** Sums, means, extremes and softmax. */
export const reductionKernels: readonly Kernel[] = [
  reduction(tf.Sum, reduceSum, (graph, mean, count) =>
    graph.node("Mul", [mean, graph.scalar(count)]),
  ),
  reduction(tf.Mean, reduceWith("ReduceMean"), identity),
  reduction(tf.Max, reduceWith("ReduceMax")),
  reduction(tf.Min, reduceWith("ReduceMin")),
  reduction(tf.Prod, reduceWith("ReduceProd")),
  softmax,
  positionMeanSquares,
];
