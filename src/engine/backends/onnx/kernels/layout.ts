import * as tf from "../../../tf.js";
import type { Graph } from "../graph.js";
import type { Operand, Placed } from "../operand.js";
import type { Kernel, Plan } from "../plan.js";
import { kernel } from "../plan.js";
import { alongAxes, axisLayout, lying, placeOf } from "./axes.js";
import type { Held } from "./checks.js";
import { isHeld, sizeOf } from "./checks.js";

const transpose = kernel<{ perm: number[] }>(tf.Transpose, ({ x }, { perm }) => {
  if (!isHeld(x)) return undefined;
  if (perm.length === 0) return { same: x };
  return {
    key: `${perm}`,
    inputs: [x],
    shape: perm.map((axis) => x.shape[axis]!),
    type: x.dtype,
    append: (graph, [operand]): Placed => ({
      value: graph.node("Transpose", [operand!.in("rows")], { perm }),
      layout: "rows",
    }),
  };
});

const pad = kernel<{ paddings: [number, number][]; constantValue: number }>(
  tf.PadV2,
  ({ x }, { paddings, constantValue }) => {
    if (!isHeld(x) || x.shape.length === 0) return undefined;
    const shape = x.shape.map((size, i) => size + paddings[i]![0] + paddings[i]![1]);
    return alongAxes(x, `${paddings};${constantValue}`, shape, (graph, value, layout) => {
      const pads = lying(paddings, layout);
      const flat = [...pads.map(([before]) => before), ...pads.map(([, after]) => after)];
      const around = graph.scalar(constantValue, x.dtype);
      return graph.node("Pad", [value, graph.integers(flat), around]);
    });
  },
);

function planSlice(x: Held, from: readonly number[], lengths: readonly number[]): Plan {
  return alongAxes(x, `${from};${lengths}`, lengths, (graph, value, layout) => {
    const starts = lying(from, layout);
    const ends = lying(
      from.map((start, i) => start + lengths[i]!),
      layout,
    );
    return graph.node("Slice", [value, graph.integers(starts), graph.integers(ends)]);
  });
}

const slice = kernel<{ begin: number | number[]; size: number | number[] }>(
  tf.Slice,
  ({ x }, { begin, size }) => {
    if (!isHeld(x) || x.shape.length === 0) return undefined;
    const [from = [], lengths = []] = tf.slice_util.parseSliceParams(x, begin, size);
    tf.slice_util.assertParamsValid(x, from, lengths);
    if (lengths.includes(0)) return { uniform: 0, shape: lengths, type: x.dtype };
    return planSlice(x, from, lengths);
  },
);

/** Consecutive parts along an axis. */
const split = kernel<{ numOrSizeSplits: number | number[]; axis: number }>(
  tf.SplitV,
  ({ x }, { numOrSizeSplits, axis }) => {
    if (!isHeld(x)) return undefined;
    const along = tf.util.parseAxisParam(axis, x.shape)[0]!;
    const sizes = tf.backend_util.prepareSplitSize(x as tf.Tensor, numOrSizeSplits, along);
    if (sizes.includes(0)) return undefined;
    let start = 0;
    return sizes.map((size) => {
      const from = x.shape.map((_, i) => (i === along ? start : 0));
      start += size;
      return planSlice(
        x,
        from,
        x.shape.map((whole, i) => (i === along ? size : whole)),
      );
    });
  },
);

/** Slices of thickness 1 along an axis, without it. */
const unpack = kernel<{ axis: number }>(tf.Unpack, ({ value: x }, { axis }) => {
  if (!isHeld(x)) return undefined;
  const along = tf.util.parseAxisParam(axis, x.shape)[0]!;
  const shape = x.shape.filter((_, i) => i !== along);
  return Array.from(
    { length: x.shape[along]! },
    (_, at): Plan => ({
      key: `${along};${at}`,
      inputs: [x],
      shape,
      type: x.dtype,
      append: (graph, [operand]) => {
        const [from, to, axes] = [[at], [at + 1], [along]].map((list) => graph.integers(list));
        const cut = graph.node("Slice", [operand!.in("rows"), from!, to!, axes!]);
        return { value: graph.node("Reshape", [cut, graph.integers(shape)]), layout: "rows" };
      },
    }),
  );
});

const reverse = kernel<{ dims: number | number[] }>(tf.Reverse, ({ x }, { dims }) => {
  if (!isHeld(x)) return undefined;
  const axes = tf.util.parseAxisParam(dims, x.shape);
  if (axes.length === 0) return { same: x };
  return alongAxes(x, `${axes}`, x.shape, (graph, value, layout) =>
    graph.node("Slice", [
      value,
      graph.integers(axes.map(() => -1)),
      graph.integers(axes.map((axis) => -x.shape[axis]! - 1)),
      graph.integers(axes.map((axis) => placeOf(axis, layout))),
      graph.integers(axes.map(() => -1)),
    ]),
  );
});

/** Every part in the layout of the largest. */
function appendConcat(graph: Graph, operands: readonly Operand[], axis: number): Placed {
  const planes = operands.some((operand) => axisLayout(operand) === "planes");
  const layout = planes ? "planes" : "rows";
  const parts = operands.map((operand) => operand.in(layout));
  return { value: graph.node("Concat", parts, { axis: placeOf(axis, layout) }), layout };
}

const concat = kernel<{ axis: number }>(tf.Concat, (inputs, { axis }) => {
  const given = Object.values(inputs).filter((one) => one !== undefined);
  const parts = given.filter((one) => sizeOf(one) > 0);
  const first = parts[0];
  if (!isHeld(first)) return undefined;
  if (parts.some(({ dtype }) => dtype !== first.dtype)) return undefined;
  const along = tf.util.parseAxisParam(axis, first.shape)[0]!;
  const shape = [...first.shape];
  shape[along] = parts.reduce((sum, one) => sum + one.shape[along]!, 0);
  return {
    key: `${along}`,
    inputs: parts,
    shape,
    type: first.dtype,
    append: (graph, operands) => appendConcat(graph, operands, along),
  };
});

/** Tensors of one shape side by side along a new axis. */
const pack = kernel<{ axis: number }>(tf.Pack, (inputs, { axis }) => {
  const parts = Object.values(inputs).filter((one) => one !== undefined);
  const first = parts[0];
  if (!isHeld(first) || sizeOf(first) === 0) return undefined;
  if (parts.some(({ dtype }) => dtype !== first.dtype)) return undefined;
  const along = axis < 0 ? axis + first.shape.length + 1 : axis;
  const one = [...first.shape.slice(0, along), 1, ...first.shape.slice(along)];
  return {
    key: `${along}`,
    inputs: parts,
    shape: one.map((size, i) => (i === along ? parts.length : size)),
    type: first.dtype,
    append: (graph, operands) => {
      const thin = operands.map((operand) =>
        graph.node("Reshape", [operand.in("rows"), graph.integers(one)]),
      );
      return { value: graph.node("Concat", thin, { axis: along }), layout: "rows" };
    },
  };
});

/** Repeats axes of size 1. */
function planBroadcast(x: Held, shape: readonly number[]): Plan {
  return {
    key: `${shape}`,
    inputs: [x],
    shape,
    type: x.dtype,
    spreads: true,
    append: (graph, [operand]) => {
      const sameRank = operand!.shape.length === shape.length;
      const layout = sameRank ? axisLayout(operand!) : "rows";
      const size = graph.integers(lying(shape, layout));
      return { value: graph.node("Expand", [operand!.in(layout), size]), layout };
    },
  };
}

const tile = kernel<{ reps: number[] }>(tf.Tile, ({ x }, { reps }, uniformOf) => {
  if (!isHeld(x) || x.shape.length === 0) return undefined;
  const shape = x.shape.map((size, i) => size * reps[i]!);
  const uniform = uniformOf(x);
  if (uniform !== undefined) return { uniform, shape, type: x.dtype };
  if (shape.includes(0)) return undefined;
  if (reps.every((repeats, i) => repeats === 1 || x.shape[i] === 1)) return planBroadcast(x, shape);
  return alongAxes(x, `${reps}`, shape, (graph, value, layout) =>
    graph.node("Tile", [value, graph.integers(lying(reps, layout))]),
  );
});

const broadcastTo = kernel<{ shape: number[] }>(tf.BroadcastTo, ({ x }, { shape }, uniformOf) => {
  if (!isHeld(x)) return undefined;
  const uniform = uniformOf(x);
  if (uniform !== undefined) return { uniform, shape, type: x.dtype };
  return planBroadcast(x, shape);
});

/** Kernels that move, repeat, cut or join values. */
export const layoutKernels: readonly Kernel[] = [
  transpose,
  pad,
  slice,
  split,
  unpack,
  reverse,
  concat,
  pack,
  tile,
  broadcastTo,
];
