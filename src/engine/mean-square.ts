import * as tf from "./tf.js";

/** A kernel of our own: mean of squares over the positions of `x`, `[batch, ..., channels]`. */
export const meanSquareKernel = "PositionMeanSquare";

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
