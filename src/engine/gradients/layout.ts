import * as tf from "../tf.js";
import { gradient } from "./gradient.js";

/** The cotangent of a repetition: copies summed. */
function fold(dy: tf.Tensor, shape: number[], repeats: number[]): tf.Tensor {
  const split = shape.flatMap((size, i) => [repeats[i]!, size]);
  const copies = shape.map((_, i) => 2 * i);
  return tf.reshape(tf.sum(tf.reshape(dy, split), copies), shape);
}

const reshape = (kernelName: string, input: string): tf.GradConfig =>
  gradient(kernelName, { inputs: [input] }, (dy, [x]) => ({
    [input]: () => tf.reshape(dy, x.shape),
  }));

const slice = gradient<{ begin: number | number[]; size: number | number[] }>(
  tf.Slice,
  { inputs: ["x"] },
  (dy, [x], { begin, size }) => {
    const [from = [], lengths = []] = tf.slice_util.parseSliceParams(x, begin, size);
    const margins = from.map((start, i): [number, number] => [
      start,
      x.shape[i]! - start - lengths[i]!,
    ]);
    return { x: () => tf.pad(dy, margins) };
  },
);

const concat: tf.GradConfig = {
  kernelName: tf.Concat,
  saveAllInputs: true,
  gradFunc: (dy, saved, attributes) => {
    const { axis } = attributes as { axis: number };
    const along = tf.util.parseAxisParam(axis, saved[0]!.shape)[0]!;
    const sizes = saved.map((x) => x.shape[along]!);
    const parts = tf.split(dy as tf.Tensor, sizes, along);
    return Object.fromEntries(parts.map((part, i) => [i, () => part]));
  },
};

const pack: tf.GradConfig = {
  kernelName: tf.Pack,
  saveAllInputs: true,
  gradFunc: (dy, _, attributes) => {
    const parts = tf.unstack(dy as tf.Tensor, (attributes as { axis: number }).axis);
    return Object.fromEntries(parts.map((part, i) => [i, () => part]));
  },
};

/** Cotangents of everything that moves, repeats, cuts or joins values without changing them. */
export const layout: readonly tf.GradConfig[] = [
  gradient(tf.Identity, {}, (dy) => ({ x: () => tf.clone(dy) })),
  gradient(tf.Cast, {}, (dy) => ({ x: () => tf.clone(dy) })),
  reshape(tf.Reshape, "x"),
  reshape(tf.ExpandDims, "input"),
  gradient<{ perm: number[] }>(tf.Transpose, {}, (dy, _, { perm }) => ({
    x: () => tf.transpose(dy, tf.backend_util.getUndoAxesPermutation(perm)),
  })),
  gradient<{ reps: number[] }>(tf.Tile, { inputs: ["x"] }, (dy, [x], { reps }) => ({
    x: () => fold(dy, x.shape, reps),
  })),
  gradient<{ shape: number[]; inputShape: number[] }>(
    tf.BroadcastTo,
    {},
    (dy, _, { shape, inputShape }) => ({
      x: () =>
        fold(
          dy,
          inputShape,
          shape.map((size, i) => size / inputShape[i]!),
        ),
    }),
  ),
  slice,
  gradient<{ paddings: [number, number][] }>(
    tf.PadV2,
    { inputs: ["x"] },
    (dy, [x], attributes) => ({
      x: () =>
        tf.slice(
          dy,
          attributes.paddings.map(([before]) => before),
          x.shape,
        ),
    }),
  ),
  concat,
  {
    kernelName: tf.SplitV,
    gradFunc: (dy, _, attributes) => ({
      x: () => tf.concat(dy as tf.Tensor[], (attributes as { axis: number }).axis),
    }),
  },
  pack,
  {
    kernelName: tf.Unpack,
    gradFunc: (dy, _, attributes) => ({
      value: () => tf.stack(dy as tf.Tensor[], (attributes as { axis: number }).axis),
    }),
  },
  gradient<{ dims: number | number[] }>(tf.Reverse, {}, (dy, _, { dims }) => ({
    x: () => tf.reverse(dy, dims),
  })),
  gradient(tf.Select, { inputs: ["condition"] }, (dy, [condition]) => ({
    condition: () => tf.zeros(condition.shape),
    t: () => tf.where(condition, dy, tf.zerosLike(dy)),
    e: () => tf.where(condition, tf.zerosLike(dy), dy),
  })),
];
