import * as tf from "../../../tf.js";
import type { Kernel } from "../kernel.js";
import { allFloat, kernel, worthwhile } from "../kernel.js";

const transpose = kernel<{ perm: number[] }>(tf.Transpose, ({ x }, { perm }) => {
  if (x === undefined || !worthwhile(x) || !allFloat(x)) return undefined;
  return {
    key: `transpose${perm}`,
    inputs: [{ tensor: x }],
    shape: perm.map((axis) => x.shape[axis]!),
    append: (graph, [value]) => graph.node("Transpose", [value!], { perm }),
  };
});

const pad = kernel<{ paddings: [number, number][]; constantValue: number }>(
  tf.PadV2,
  ({ x }, { paddings, constantValue }) => {
    if (x === undefined || x.shape.length === 0 || !worthwhile(x) || !allFloat(x)) return undefined;
    const pads = [...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)];
    return {
      key: `pad${pads};${constantValue}`,
      inputs: [{ tensor: x }],
      shape: x.shape.map((size, i) => size + paddings[i]![0] + paddings[i]![1]),
      append: (graph, [value]) =>
        graph.node("Pad", [value!, graph.integers(pads), graph.scalar(constantValue)]),
    };
  },
);

const slice = kernel<{ begin: number | number[]; size: number | number[] }>(
  tf.Slice,
  ({ x }, { begin, size }) => {
    if (x === undefined || x.shape.length === 0 || !allFloat(x)) return undefined;
    const [from = [], lengths = []] = tf.slice_util.parseSliceParams(x, begin, size);
    tf.slice_util.assertParamsValid(x, from, lengths);
    if (tf.util.sizeFromShape(lengths) < 512) return undefined;
    return {
      key: `slice${from};${lengths}`,
      inputs: [{ tensor: x }],
      shape: lengths,
      append: (graph, [value]) =>
        graph.node("Slice", [
          value!,
          graph.integers(from),
          graph.integers(from.map((start, i) => start + lengths[i]!)),
        ]),
    };
  },
);

const reverse = kernel<{ dims: number | number[] }>(tf.Reverse, ({ x }, { dims }) => {
  if (x === undefined || x.shape.length === 0 || !worthwhile(x) || !allFloat(x)) return undefined;
  const axes = tf.util.parseAxisParam(dims, x.shape);
  return {
    key: `reverse${axes}`,
    inputs: [{ tensor: x }],
    shape: x.shape,
    append: (graph, [value]) =>
      graph.node("Slice", [
        value!,
        graph.integers(axes.map(() => -1)),
        graph.integers(axes.map((axis) => -x.shape[axis]! - 1)),
        graph.integers(axes),
        graph.integers(axes.map(() => -1)),
      ]),
  };
});

const concat = kernel<{ axis: number }>(tf.Concat, (inputs, { axis }) => {
  const given = Object.values(inputs).filter((one) => one !== undefined);
  const tensors = given.filter((one) => tf.util.sizeFromShape(one.shape) > 0);
  const first = tensors[0];
  if (first === undefined || !worthwhile(...tensors) || !allFloat(...tensors)) return undefined;
  const along = tf.util.parseAxisParam(axis, first.shape)[0]!;
  const shape = [...first.shape];
  shape[along] = tensors.reduce((sum, one) => sum + one.shape[along]!, 0);
  return {
    key: `concat${along}`,
    inputs: tensors.map((tensor) => ({ tensor })),
    shape,
    append: (graph, values) => graph.node("Concat", values, { axis: along }),
  };
});

/** Repetition; along axes of size 1 it is a broadcast, which ONNX Runtime does quicker. */
const tile = kernel<{ reps: number[] }>(tf.Tile, ({ x }, { reps }) => {
  if (x === undefined || x.shape.length === 0 || !allFloat(x)) return undefined;
  const shape = x.shape.map((size, i) => size * reps[i]!);
  if (tf.util.sizeFromShape(shape) < 512) return undefined;
  const broadcast = reps.every((repeats, i) => repeats === 1 || x.shape[i] === 1);
  return {
    key: `tile${reps}`,
    inputs: [{ tensor: x }],
    shape,
    append: (graph, [value]) =>
      broadcast
        ? graph.node("Expand", [value!, graph.integers(shape)])
        : graph.node("Tile", [value!, graph.integers(reps)]),
  };
});

const gather = kernel<{ axis: number; batchDims: number }>(
  tf.GatherV2,
  ({ x, indices }, { axis, batchDims }) => {
    if (x === undefined || indices === undefined || !worthwhile(x, indices)) return undefined;
    if (batchDims > 0 || !allFloat(x) || indices.dtype !== "int32") return undefined;
    const along = tf.util.parseAxisParam(axis, x.shape)[0]!;
    return {
      key: `gather${along}`,
      inputs: [{ tensor: x }, { tensor: indices }],
      shape: [...x.shape.slice(0, along), ...indices.shape, ...x.shape.slice(along + 1)],
      append: (graph, values) => graph.node("Gather", values, { axis: along }),
    };
  },
);

const fromBoolean = kernel<{ dtype: string }>(tf.Cast, ({ x }, { dtype }) => {
  if (x === undefined || x.dtype !== "bool" || dtype !== "float32" || !worthwhile(x)) {
    return undefined;
  }
  return {
    key: "cast",
    inputs: [{ tensor: x }],
    shape: x.shape,
    append: (graph, [value]) => graph.node("Cast", [value!], { to: 1 }),
  };
});

/** Kernels that move, repeat, cut or join values. */
export const layoutKernels: readonly Kernel[] = [
  transpose,
  pad,
  slice,
  reverse,
  concat,
  tile,
  gather,
  fromBoolean,
];
