import * as tf from "../tf.js";
import { gradient, runKernel, unbroadcast } from "./gradient.js";

/** Our kernel `dy` where `y > 0`, else 0, in one pass over memory; a backend may lack it. */
export const reluGrad = "ReluGrad";

/**
 * `alpha` and `scale * alpha` of the self-normalising unit, Klambauer et al. 2017,
 * arXiv:1706.02515.
 */
const { SELU_SCALE, SELU_SCALEALPHA } = tf.backend_util;

/** `dy` where the ReLU's value is above 0, else 0; so relu'(0) = 0. */
function masked(dy: tf.Tensor, y: tf.Tensor): tf.Tensor {
  return tf.getKernel(reluGrad, tf.getBackend()) === undefined
    ? tf.mul(dy, tf.step(y))
    : runKernel(reluGrad, { dy, y });
}

/** Slope of a unit by its value `y`: `above` where `y > 0`, `below` elsewhere. */
function piecewise(dy: tf.Tensor, y: tf.Tensor, above: tf.Tensor, below: tf.Tensor): tf.Tensor {
  return tf.mul(dy, tf.where(tf.greater(y, 0), above, below));
}

/** A leaky unit whose slopes below 0 are inputs. */
const prelu = gradient(tf.Prelu, { inputs: ["x", "alpha"] }, (dy, [x, alpha]) => ({
  x: () => unbroadcast(tf.where(tf.greater(x, 0), dy, tf.mul(dy, alpha)), x.shape),
  alpha: () =>
    unbroadcast(tf.where(tf.greater(x, 0), tf.zerosLike(dy), tf.mul(dy, x)), alpha.shape),
}));

/** Cotangents of the piecewise activations; each takes the left slope at 0. */
export const activations: readonly tf.GradConfig[] = [
  gradient(tf.Relu, { output: true }, (dy, [y]) => ({ x: () => masked(dy, y) })),
  gradient(reluGrad, { inputs: ["y"] }, (ddx, [y]) => ({
    dy: () => masked(ddx, y),
    y: () => tf.zerosLike(y),
  })),
  gradient<{ alpha: number }>(tf.LeakyRelu, { inputs: ["x"] }, (dy, [x], { alpha }) => ({
    x: () => piecewise(dy, x, tf.onesLike(x), tf.fill(x.shape, alpha)),
  })),
  gradient(tf.Relu6, { inputs: ["x"] }, (dy, [x]) => ({
    x: () => {
      const inside = tf.logicalAnd(tf.greater(x, 0), tf.less(x, 6));
      return tf.where(inside, dy, tf.zerosLike(dy));
    },
  })),
  prelu,
  gradient(tf.Elu, { output: true }, (dy, [y]) => ({
    x: () => piecewise(dy, y, tf.onesLike(y), tf.add(y, 1)),
  })),
  gradient(tf.Selu, { output: true }, (dy, [y]) => ({
    x: () => piecewise(dy, y, tf.fill(y.shape, SELU_SCALE), tf.add(y, SELU_SCALEALPHA)),
  })),
  gradient<{ clipValueMin: number; clipValueMax: number }>(
    tf.ClipByValue,
    { inputs: ["x"] },
    (dy, [x], { clipValueMin, clipValueMax }) => ({
      x: () => {
        const inside = tf.logicalAnd(
          tf.greaterEqual(x, clipValueMin),
          tf.lessEqual(x, clipValueMax),
        );
        return tf.where(inside, dy, tf.zerosLike(dy));
      },
    }),
  ),
];
