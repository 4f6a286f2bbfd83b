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

function axesOf(x: tf.Tensor): number[] {
  return x.shape.slice(0, -1).map((_, axis) => axis);
}

/** Mean and biased variance of every channel `[channels]`; gradients flow through both. */
function batchMoments(x: tf.Tensor): Moments {
  const axes = axesOf(x);
  const mean = tf.mean(x, axes);
  return { mean, variance: tf.mean(tf.square(tf.sub(x, mean)), axes) };
}

/** (x - mean) / sqrt(variance + epsilon), and the divisor's inverse `[channels]`. */
function standardise(x: tf.Tensor, { mean, variance }: Moments, epsilon: number) {
  const inverse = tf.rsqrt(tf.add(variance, epsilon));
  return { standard: tf.mul(tf.sub(x, mean), inverse), inverse };
}

function affine(standard: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  return tf.add(tf.mul(standard, weight), bias);
}

/**
 * Gradients of batch norm by x, weight and bias. The batch's moments are computed again from x, so
 * that this can itself be differentiated and the forward pass keeps x alone.
 * Source: Ioffe & Szegedy 2015, arXiv:1502.03167, section 3.
 */
function gradients(dy: tf.Tensor, x: tf.Tensor, weight: tf.Tensor, epsilon: number): tf.Tensor[] {
  const axes = axesOf(x);
  const count = sizeOf(axes.map((axis) => x.shape[axis]!));
  const { standard, inverse } = standardise(x, batchMoments(x), epsilon);
  const byBias = tf.sum(dy, axes);
  const byWeight = tf.sum(tf.mul(dy, standard), axes);
  const along = tf.add(tf.mul(standard, tf.div(byWeight, count)), tf.div(byBias, count));
  return [tf.mul(tf.sub(dy, along), tf.mul(weight, inverse)), byWeight, byBias];
}

/** Batch norm by the batch's own moments, as one node of the tape. */
function normaliseByBatch(
  x: tf.Tensor,
  weight: tf.Tensor,
  bias: tf.Tensor,
  epsilon: number,
): tf.Tensor {
  const operation = tf.customGrad((...inputs) => {
    const save = inputs[3] as tf.GradSaveFunc;
    save([x, weight]);
    const { standard } = standardise(x, batchMoments(x), epsilon);
    return {
      value: affine(standard, weight, bias),
      gradFunc: (dy: tf.Tensor, [savedX, savedWeight]: tf.Tensor[]) =>
        gradients(dy, savedX!, savedWeight!, epsilon),
    };
  });
  return operation(x, weight, bias);
}

/**
 * Tells training what the running values should move towards; the variance is the unbiased one,
 * as in PyTorch.
 */
function tapMoments(x: tf.Tensor, context: Context): void {
  const { mean, variance } = batchMoments(x);
  const count = sizeOf(x.shape.slice(0, -1));
  context.tap("running_mean", mean);
  context.tap("running_var", tf.mul(variance, count / Math.max(1, count - 1)));
}

function normaliseByRunning(x: tf.Tensor, parameters: Parameters, epsilon: number): tf.Tensor {
  const mean = need(parameters, "running_mean");
  const variance = need(parameters, "running_var");
  const { standard } = standardise(x, { mean, variance }, epsilon);
  return affine(standard, need(parameters, "weight"), need(parameters, "bias"));
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
      if (context.statistics === "running") return normaliseByRunning(x, parameters, epsilon);
      if (context.training) tapMoments(x, context);
      return normaliseByBatch(x, need(parameters, "weight"), need(parameters, "bias"), epsilon);
    },
  };
}
