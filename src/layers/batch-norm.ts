import type { Shape } from "../core/shape.js";
import { formatShape, sizeOf } from "../core/shape.js";
import * as tf from "../engine/tf.js";
import { constant } from "../initializers/constant.js";
import type { Context, Layer, ParameterSpec, Parameters } from "./layer.js";
import { shapeError } from "./parts/shape-error.js";
import { need } from "./scope.js";

/** Options of batch norm. */
export interface BatchNormOptions {
  /** Start of `weight`; 1 unless given. */
  readonly scale?: number;
  /** Added to the variance; 1e-5 unless given. */
  readonly epsilon?: number;
}

const kind = "batch-norm";

function channelsOf(inShape: Shape): number {
  const channels = inShape.at(-1);
  if (channels !== undefined) return channels;
  throw shapeError(kind, `input is ${formatShape(inShape)}`, "a last axis of channels");
}

function specsOf(channels: number, scale: number): readonly ParameterSpec[] {
  const spec = (name: string, value: number, role: ParameterSpec["role"]): ParameterSpec => ({
    name,
    shape: [channels],
    initializer: constant(value),
    role,
    trainable: role !== "moment",
  });
  return [
    spec("weight", scale, "gain"),
    spec("bias", 0, "bias"),
    spec("running_mean", 0, "moment"),
    spec("running_var", 1, "moment"),
  ];
}

interface Moments {
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
}

/** Mean and biased variance of every channel `[channels]`; gradients flow through both. */
function batchMoments(x: tf.Tensor): Moments {
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  const mean = tf.mean(x, axes);
  return { mean, variance: tf.mean(tf.square(tf.sub(x, mean)), axes) };
}

/**
 * Tells training what the running values should move towards; the variance is the unbiased one,
 * as in PyTorch.
 */
function tapMoments({ mean, variance }: Moments, count: number, context: Context): Moments {
  context.tap("running_mean", mean);
  context.tap("running_var", tf.mul(variance, count / Math.max(1, count - 1)));
  return { mean, variance };
}

function momentsOf(x: tf.Tensor, parameters: Parameters, context: Context): Moments {
  if (context.statistics === "running") {
    return {
      mean: need(parameters, "running_mean"),
      variance: need(parameters, "running_var"),
    };
  }
  const moments = batchMoments(x);
  const count = sizeOf(x.shape.slice(0, -1));
  return context.training ? tapMoments(moments, count, context) : moments;
}

/**
 * Batch norm y = weight (x - mean) / sqrt(variance + epsilon) + bias a channel, any shape with a
 * last axis of channels.
 * `context.statistics` says whether mean and variance (biased) are the batch's or the running ones.
 * In training with batch statistics it taps the batch's under the names of the running values,
 * which never change here.
 * Parameters, all `[channels]`: `weight`, `bias`, `running_mean`, `running_var`.
 * Source: Ioffe & Szegedy 2015, arXiv:1502.03167, algorithm 1.
 */
export function batchNorm({ scale = 1, epsilon = 1e-5 }: BatchNormOptions = {}): Layer {
  return {
    kind,
    parameters: (inShape) => specsOf(channelsOf(inShape), scale),
    outShape: (inShape) => inShape,
    macs: () => 0,
    apply: (x, parameters, context) => {
      channelsOf(x.shape.slice(1));
      const { mean, variance } = momentsOf(x, parameters, context);
      const factor = tf.mul(need(parameters, "weight"), tf.rsqrt(tf.add(variance, epsilon)));
      return tf.add(tf.mul(tf.sub(x, mean), factor), need(parameters, "bias"));
    },
  };
}
