import * as tf from "../tf.js";
import { gradient, unbroadcast } from "./gradient.js";

/**
 * Cotangents of normalisation by moments that are given. Source: Ioffe & Szegedy 2015,
 * arXiv:1502.03167, section 3. TensorFlow.js cannot keep a scale that is not there, so there must
 * be one.
 */
const batchNorm = gradient<{ varianceEpsilon: number }>(
  tf.FusedBatchNorm,
  { inputs: ["x", "mean", "variance", "scale"] },
  (dy, [x, mean, variance, scale], { varianceEpsilon }) => {
    const inverse = (): tf.Tensor => tf.rsqrt(tf.add(variance, varianceEpsilon));
    const centred = (): tf.Tensor => tf.sub(x, mean);
    const scaled = (): tf.Tensor => tf.mul(dy, scale);
    return {
      x: () => tf.mul(scaled(), inverse()),
      mean: () => unbroadcast(tf.neg(tf.mul(scaled(), inverse())), mean.shape),
      variance: () => {
        const slope = tf.mul(-0.5, tf.mul(inverse(), tf.square(inverse())));
        return unbroadcast(tf.mul(tf.mul(scaled(), centred()), slope), variance.shape);
      },
      scale: () => unbroadcast(tf.mul(dy, tf.mul(centred(), inverse())), scale.shape),
      offset: () => unbroadcast(dy, scale.shape),
    };
  },
);

/** Cotangents of normalisation. */
export const normalisation: readonly tf.GradConfig[] = [batchNorm];
