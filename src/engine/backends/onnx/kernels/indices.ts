import * as tf from "../../../tf.js";
import type { Graph } from "../graph.js";
import type { Value } from "../model.js";
import type { Operand } from "../operand.js";
import type { Kernel, Plan } from "../plan.js";
import { kernel } from "../plan.js";
import type { Held } from "./checks.js";
import { isHeld, isNumeric } from "./checks.js";

const sizeOf = tf.util.sizeFromShape;

/** Indices as ONNX's operations on coordinates take them: whole numbers of 64 bits. */
const wide = (graph: Graph, indices: Operand): Value =>
  graph.node("Cast", [indices.in("rows")], { to: 7 });

function isIndex(tensor: tf.TensorInfo | undefined): tensor is Held {
  return tensor?.dtype === "int32";
}

/** Entries along the first axis after those of the batch. */
function planGather(x: Held, indices: Held, axis: number): Plan {
  return {
    key: `${axis}`,
    inputs: [x, indices],
    shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)],
    type: x.dtype,
    append: (graph, operands) => {
      const values = operands.map((operand) => operand.in("rows"));
      return { value: graph.node("Gather", values, { axis }), layout: "rows" };
    },
  };
}

/** Each sample has indices of its own: places of rows in one long list of all samples' rows. */
function planBatchGather(x: Held, indices: Held, axis: number, batchAxes: number): Plan {
  const { shape } = x;
  const [batch, outer, length, inner] = [
    sizeOf(shape.slice(0, batchAxes)),
    sizeOf(shape.slice(batchAxes, axis)),
    shape[axis]!,
    sizeOf(shape.slice(axis + 1)),
  ];
  const starts = Int32Array.from({ length: batch * outer }, (_, i) => i * length);
  const outShape = [
    ...shape.slice(0, axis),
    ...indices.shape.slice(batchAxes),
    ...shape.slice(axis + 1),
  ];
  return {
    key: `${axis};${batchAxes}`,
    inputs: [x, indices],
    shape: outShape,
    type: x.dtype,
    append: (graph, [values, places]) => {
      const rows = graph.integers([batch * outer * length, inner]);
      const flat = graph.node("Reshape", [values!.in("rows"), rows]);
      const own = graph.node("Reshape", [places!.in("rows"), graph.integers([batch, 1, -1])]);
      const first = graph.constant(starts, [batch, outer, 1], "int32");
      const taken = graph.node("Gather", [flat, graph.node("Add", [own, first])], { axis: 0 });
      return {
        value: graph.node("Reshape", [taken, graph.integers(outShape)]),
        layout: "rows",
      };
    },
  };
}

const gather = kernel<{ axis: number; batchDims?: number }>(
  tf.GatherV2,
  ({ x, indices }, { axis, batchDims = 0 }) => {
    if (!isHeld(x) || !isIndex(indices)) return undefined;
    const along = tf.util.parseAxisParam(axis, x.shape)[0]!;
    return batchDims === 0
      ? planGather(x, indices, along)
      : planBatchGather(x, indices, along, batchDims);
  },
);

const gatherCoordinates = kernel(tf.GatherNd, ({ params, indices }) => {
  if (!isHeld(params) || !isIndex(indices) || indices.shape.at(-1) === 0) return undefined;
  const [shape] = tf.backend_util.prepareAndValidate(params, indices);
  return {
    key: "",
    inputs: [params, indices],
    shape,
    type: params.dtype,
    append: (graph, [values, places]) => ({
      value: graph.node("GatherND", [values!.in("rows"), wide(graph, places!)]),
      layout: "rows",
    }),
  };
});

/**
 * Rows `[count, inner]` added up by their place in `[length, inner]`. ONNX Runtime's ScatterND
 * would do in one step, but its threads overwrite each other's sums where places repeat.
 */
function addedRows(
  graph: Graph,
  rows: Value,
  places: Value,
  [count, length, inner]: readonly [number, number, number],
  type: Held["dtype"],
): Value {
  const start = graph.node("Expand", [graph.scalar(0, type), graph.integers([length, inner])]);
  const flat = graph.node("Reshape", [rows, graph.integers([count, inner])]);
  const column = graph.node("Reshape", [places, graph.integers([count, 1])]);
  const each = graph.node("Expand", [column, graph.integers([count, inner])]);
  return graph.node("ScatterElements", [start, each, flat], { axis: 0, reduction: "add" });
}

/** Coordinates `[..., axes]` as places in a list of rows. */
function rowPlaces(graph: Graph, indices: Operand, axes: readonly number[]): Value {
  const steps = Int32Array.from(axes, (_, i) => sizeOf(axes.slice(i + 1)));
  const table = graph.node("Reshape", [indices.in("rows"), graph.integers([-1, axes.length])]);
  const weighed = graph.node("Mul", [table, graph.constant(steps, [axes.length], "int32")]);
  return graph.node("ReduceSum", [weighed, graph.integers([1])], { keepdims: 0 });
}

/** Entries at coordinates that repeat add up. */
const scatterCoordinates = kernel<{ shape: number[] }>(
  tf.ScatterNd,
  ({ indices, updates }, { shape }) => {
    if (!isHeld(updates) || !isNumeric(updates) || !isIndex(indices)) return undefined;
    const axes = shape.slice(0, indices.shape.at(-1) ?? 0);
    if (shape.includes(0) || axes.length === 0) return undefined;
    const count = sizeOf(indices.shape) / axes.length;
    const sizes = [count, sizeOf(axes), sizeOf(shape.slice(axes.length))] as const;
    return {
      key: `${shape}`,
      inputs: [indices, updates],
      shape,
      type: updates.dtype,
      append: (graph, [coordinates, values]) => {
        const places = rowPlaces(graph, coordinates!, axes);
        const sums = addedRows(graph, values!.in("rows"), places, sizes, updates.dtype);
        return { value: graph.node("Reshape", [sums, graph.integers(shape)]), layout: "rows" };
      },
    };
  },
);

const scatterOver = kernel(tf.TensorScatterUpdate, ({ tensor, indices, updates }) => {
  if (!isHeld(tensor) || !isIndex(indices) || updates?.dtype !== tensor.dtype) return undefined;
  return {
    key: "",
    inputs: [tensor, indices, updates],
    shape: tensor.shape,
    type: tensor.dtype,
    append: (graph, [start, places, values]) => {
      const given = [start!.in("rows"), wide(graph, places!), values!.in("rows")];
      return { value: graph.node("ScatterND", given), layout: "rows" };
    },
  };
});

/** The segment of each row; rows of none go to one segment more, which is cut off. */
function segments(graph: Graph, ids: Operand, count: number): Value {
  const places = ids.in("rows");
  const [none, end] = [graph.scalar(0, "int32"), graph.scalar(count, "int32")];
  const inside = graph.node("And", [
    graph.node("GreaterOrEqual", [places, none]),
    graph.node("Less", [places, end]),
  ]);
  return graph.node("Where", [inside, places, end]);
}

const segmentSum = kernel<{ numSegments: number }>(
  tf.UnsortedSegmentSum,
  ({ x, segmentIds }, { numSegments }) => {
    if (!isHeld(x) || !isNumeric(x) || !isIndex(segmentIds)) return undefined;
    const rest = x.shape.slice(segmentIds.shape.length);
    const shape = [numSegments, ...rest];
    if (numSegments === 0) return { uniform: 0, shape, type: x.dtype };
    const sizes = [sizeOf(segmentIds.shape), numSegments + 1, sizeOf(rest)] as const;
    return {
      key: `${numSegments}`,
      inputs: [x, segmentIds],
      shape,
      type: x.dtype,
      append: (graph, [values, ids]) => {
        const places = segments(graph, ids!, numSegments);
        const sums = addedRows(graph, values!.in("rows"), places, sizes, x.dtype);
        const wanted = [graph.integers([0]), graph.integers([numSegments]), graph.integers([0])];
        const kept = graph.node("Slice", [sums, ...wanted]);
        return { value: graph.node("Reshape", [kept, graph.integers(shape)]), layout: "rows" };
      },
    };
  },
);

type Hot = { depth: number; onValue: number; offValue: number; dtype: tf.DataType };

/** Truth values have no form with other numbers than 1 and 0. */
function takesHot({ onValue, offValue, dtype }: Hot): boolean {
  if (dtype === "bool") return onValue === 1 && offValue === 0;
  return dtype === "float32" || dtype === "int32";
}

const oneHot = kernel<Hot>(tf.OneHot, ({ indices }, given) => {
  const { depth, onValue, offValue, dtype } = given;
  if (!isIndex(indices) || !takesHot(given)) return undefined;
  const type = dtype as Held["dtype"];
  return {
    key: `${depth};${onValue};${offValue};${dtype}`,
    inputs: [indices],
    shape: [...indices.shape, depth],
    type,
    append: (graph, [places]) => {
      const column = graph.integers([...indices.shape, 1]);
      const each = Int32Array.from({ length: depth }, (_, i) => i);
      const hot = graph.node("Equal", [
        graph.node("Reshape", [places!.in("rows"), column]),
        graph.constant(each, [depth], "int32"),
      ]);
      if (type === "bool") return { value: hot, layout: "rows" };
      const numbers = [graph.scalar(onValue, type), graph.scalar(offValue, type)];
      return { value: graph.node("Where", [hot, ...numbers]), layout: "rows" };
    },
  };
});

/** Kernels that take, put or compare by indices. */
export const indexKernels: readonly Kernel[] = [
  gather,
  gatherCoordinates,
  scatterCoordinates,
  scatterOver,
  segmentSum,
  oneHot,
];
