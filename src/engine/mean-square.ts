import * as tf from "./tf.js";

/** A kernel of our own: mean of squares over the positions of `x`, `[batch, ..., channels]`. */
export const meanSquareKernel = "PositionMeanSquare";

/** A kernel of our own: mean of squares over all but the first axis of `x`, `[batch, ...]`. */
export const sampleMeanSquareKernel = "SampleMeanSquare";

/** The axes between batch and channels. */
export function positionAxes(rank: number): number[] {
  return Array.from({ length: Math.max(0, rank - 2) }, (_, i) => i + 1);
}

/**
 * Mean of x² over the positions of `[batch, ..., channels]`, kept as axes of size 1. It has no
 * gradient; where a backend has the kernel, x² is never stored.
 */
export function positionMeanSquare(x: tf.Tensor): tf.Tensor {
  const axes = positionAxes(x.rank);
  if (axes.length === 0) return tf.square(x);
  if (tf.getKernel(meanSquareKernel, tf.getBackend()) === undefined) {
    return tf.mean(tf.square(x), axes, true);
  }
  return tf.engine().runKernel(meanSquareKernel, { x }) as tf.Tensor;
}

/**
 * Mean of x² over each sample of `[batch, ...]`, `[batch]`. It has no gradient; where a backend has
 * the kernel, x² is never stored.
 */
export function sampleMeanSquare(x: tf.Tensor): tf.Tensor1D {
  if (tf.getKernel(sampleMeanSquareKernel, tf.getBackend()) !== undefined) {
    return tf.engine().runKernel(sampleMeanSquareKernel, { x }) as tf.Tensor1D;
  }
  const rows = tf.reshape(positionMeanSquare(x), [x.shape[0]!, -1]);
  return tf.mean(rows, 1);
}
