import * as tf from "../tf.js";
import { gradient } from "./gradient.js";

type Axes = { axis: number | number[]; keepDims: boolean };

/** The maximum names its axes differently from the minimum. */
type ExtremeAxes = { reductionIndices?: number | number[]; axis?: number | number[] };

/** `y`, reduced from `shape` over `axis`, with the reduced axes back as axes of size 1. */
function restoreAxes(y: tf.Tensor, shape: number[], axis: number | number[]): tf.Tensor {
  const axes = tf.util.parseAxisParam(axis, shape);
  return tf.reshape(y, tf.backend_util.expandShapeToKeepDim(reduced(shape, axes), axes));
}

function reduced(shape: number[], axes: readonly number[]): number[] {
  return shape.filter((_, i) => !axes.includes(i));
}

/** The cotangent of a sum: `dy` repeated over the summed axes. */
function spread(dy: tf.Tensor, shape: number[], axis: number | number[]): tf.Tensor {
  return tf.broadcastTo(restoreAxes(dy, shape, axis), shape);
}

/** Number of elements that were averaged into one. */
function count(shape: number[], axis: number | number[]): number {
  const axes = tf.util.parseAxisParam(axis, shape);
  return axes.reduce((product, i) => product * shape[i]!, 1);
}

/** Equal extremes share the cotangent evenly. */
function extreme(kernelName: string): tf.GradConfig {
  return gradient<ExtremeAxes>(
    kernelName,
    { inputs: ["x"], output: true },
    (dy, [x, y], { reductionIndices, axis }) => ({
      x: () => {
        const given = reductionIndices ?? axis ?? x.shape.map((_, i) => i);
        const axes = tf.util.parseAxisParam(given, x.shape);
        const chosen = tf.cast(tf.equal(x, restoreAxes(y, x.shape, axes)), "float32");
        const share = tf.div(restoreAxes(dy, x.shape, axes), tf.sum(chosen, axes, true));
        return tf.mul(chosen, share);
      },
    }),
  );
}

/** Products of all others along the axes; a zero leaves the product of the rest to itself alone. */
const product = gradient<Axes>(tf.Prod, { inputs: ["x"] }, (dy, [given], { axis }) => ({
  x: () => {
    const x = tf.cast(given, "float32");
    const isZero = tf.equal(x, 0);
    const zeros = tf.sum(isZero, axis, true);
    const rest = tf.prod(tf.where(isZero, tf.onesLike(x), x), axis, true);
    const none = tf.zerosLike(rest);
    const atZero = tf.where(tf.equal(zeros, 1), rest, none);
    const elsewhere = tf.div(tf.where(tf.equal(zeros, 0), rest, none), x);
    return tf.mul(restoreAxes(dy, x.shape, axis), tf.where(isZero, atZero, elsewhere));
  },
}));

const softmax = gradient<{ dim: number }>(tf.Softmax, { output: true }, (dy, [y], { dim }) => ({
  logits: () => {
    const weighted = tf.mul(dy, y);
    return tf.sub(weighted, tf.mul(tf.sum(weighted, dim, true), y));
  },
}));

/** Cotangents of sums, means, extremes and softmax. */
export const reductions: readonly tf.GradConfig[] = [
  gradient<Axes>(tf.Sum, { inputs: ["x"] }, (dy, [x], { axis }) => ({
    x: () => spread(dy, x.shape, axis),
  })),
  gradient<Axes>(tf.Mean, { inputs: ["x"] }, (dy, [x], { axis }) => ({
    x: () => spread(tf.div(dy, count(x.shape, axis)), x.shape, axis),
  })),
  extreme(tf.Max),
  extreme(tf.Min),
  product,
  gradient<{ axis: number; exclusive: boolean; reverse: boolean }>(
    tf.Cumsum,
    {},
    (dy, _, { axis, exclusive, reverse }) => ({
      x: () => tf.cumsum(dy, axis, exclusive, !reverse),
    }),
  ),
  softmax,
];
