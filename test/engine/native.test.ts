import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { keyOf } from "../../src/core/random.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { onEngineWarning } from "../../src/engine/warnings.js";
import { layerCases, layerFunction } from "../support/layers.js";
import { plainOperations, values } from "./parts/operations.js";

const key = keyOf(53);

/** Every kernel that ran in JavaScript on waiting tensors since the program began. */
const told: string[] = [];

beforeAll(async () => {
  await useBackend("onnx");
  onEngineWarning((text) => told.push(text));
});

beforeEach(() => {
  told.length = 0;
});

/** A tensor that waits to be computed. */
const waiting = (x: tf.Tensor): tf.Tensor => tf.add(x, 0.01);

/** A sum with 0 times the values, so that it has a derivative by those it does not depend on. */
const joined = (sum: tf.Tensor, given: tf.Tensor[]): tf.Tensor =>
  tf.addN([sum, ...given.map((value) => tf.mul(0, tf.sum(value)))]);

/** Value, cotangents, and cotangents of cotangents. */
function differentiateTwice(run: (...values: tf.Tensor[]) => tf.Tensor, at: tf.Tensor[]): void {
  const whole = (...given: tf.Tensor[]) => joined(tf.sum(tf.square(run(...given))), given);
  const slopes = (...given: tf.Tensor[]) => {
    const squares = tf
      .grads(whole)(given)
      .map((one) => tf.sum(tf.square(one)));
    return joined(tf.addN(squares), given);
  };
  const { value, grads } = tf.valueAndGrads(slopes)(at);
  for (const one of [value, ...grads]) one.dataSync();
}

/** What fused convolutions with a filter of ones and a bias take. */
const fusedWindow = (y: tf.Tensor) => ({
  x: tf.reshape(y, [1, 5, 4, 1]) as tf.Tensor4D,
  filter: tf.ones([3, 3, 1, 2]) as tf.Tensor4D,
  bias: tf.tensor1d([0.6, 1.3]),
  strides: 1,
  pad: 1,
});

describe("nothing runs in JavaScript", () => {
  test.each(layerCases)("of $title, its cotangents, and theirs", (one) => {
    const { at, run } = layerFunction(one, 2, key, "all");
    differentiateTwice(run, at.map(waiting));
    expect(told).toEqual([]);
  });

  test.each(plainOperations.map((one) => [one.name, one] as const))(
    "of %s and its cotangents",
    (_, { shapes, apply, low, high, gap }) => {
      const at = shapes.map((shape, i) => waiting(values(shape, i + 1, low, high, gap)));
      const whole = (...given: tf.Tensor[]) => tf.sum(apply(given));
      const { value, grads } = tf.valueAndGrads(whole)(at);
      for (const one of [value, ...grads]) one.dataSync();
      expect(told).toEqual([]);
    },
  );

  const labels = (): tf.Tensor2D =>
    tf.oneHot(tf.tensor1d([1, 0, 3, 2, 1], "int32"), 4, 1, 0, "float32") as tf.Tensor2D;

  test.each([
    ["absolute difference", (y) => tf.losses.absoluteDifference(labels(), y)],
    ["cosine distance", (y) => tf.losses.cosineDistance(labels(), y, 1)],
    ["hinge loss", (y) => tf.losses.hingeLoss(labels(), y)],
    ["Huber loss", (y) => tf.losses.huberLoss(labels(), y)],
    ["log loss", (y) => tf.losses.logLoss(labels(), tf.sigmoid(y))],
    ["mean squared error", (y) => tf.losses.meanSquaredError(labels(), y)],
    ["sigmoid cross-entropy", (y) => tf.losses.sigmoidCrossEntropy(labels(), y)],
    ["softmax cross-entropy", (y) => tf.losses.softmaxCrossEntropy(labels(), y)],
    [
      "a loss with weights",
      (y) => {
        const weights = tf.tensor2d([[0.6], [0], [1.3], [0], [1]]);
        return tf.losses.absoluteDifference(labels(), y, weights);
      },
    ],
    [
      "cross-entropy by places",
      (y) => {
        const places = tf.tensor2d([1, 0, 3, 2, 1], [5, 1], "int32");
        return tf.neg(tf.mean(tf.gather(tf.logSoftmax(y), places, 1, 1)));
      },
    ],
  ] as readonly (readonly [string, (y: tf.Tensor2D) => tf.Tensor])[])(
    "of the %s and its cotangent",
    (_, loss) => {
      const y = waiting(values([5, 4], 3)) as tf.Tensor2D;
      const { value, grad } = tf.valueAndGrad((x: tf.Tensor2D) => tf.sum(loss(x)))(y);
      for (const one of [value, grad]) expect(one.dataSync().every(Number.isFinite)).toBe(true);
      expect(told).toEqual([]);
    },
  );

  test.each([
    ["gradient descent", () => tf.train.sgd(0.1)],
    ["momentum", () => tf.train.momentum(0.1, 0.9)],
    ["Nesterov's momentum", () => tf.train.momentum(0.1, 0.9, true)],
    ["Adagrad", () => tf.train.adagrad(0.1)],
    ["Adadelta", () => tf.train.adadelta(0.1)],
    ["Adam", () => tf.train.adam(0.1)],
    ["Adamax", () => tf.train.adamax(0.1)],
    ["RMSProp", () => tf.train.rmsprop(0.1)],
    ["centred RMSProp", () => tf.train.rmsprop(0.1, 0.9, 0.5, undefined, true)],
  ] as const)("of two steps of %s", (_, make) => {
    const weights = tf.variable(values([4, 3], 5));
    const optimizer = make();
    const before = weights.dataSync().slice();
    for (let i = 0; i < 2; i++) {
      optimizer.minimize(
        () => tf.sum(tf.square(tf.matMul(waiting(values([5, 4], i)), weights))) as tf.Scalar,
      );
    }
    expect(weights.dataSync()).not.toEqual(before);
    expect(told).toEqual([]);
    weights.dispose();
    optimizer.dispose();
  });

  test.each([
    [
      "accuracy",
      (y: tf.Tensor) =>
        tf.mean(tf.cast(tf.equal(tf.argMax(y, 1), tf.argMax(labels(), 1)), "float32")),
    ],
    [
      "accuracy among the best two",
      (y: tf.Tensor) => {
        const { indices } = tf.topk(y, 2);
        const hits = tf.equal(indices, tf.expandDims(tf.argMax(labels(), 1), 1));
        return tf.mean(tf.cast(tf.any(hits, 1), "float32"));
      },
    ],
    [
      "moments",
      (y: tf.Tensor) => {
        const { mean, variance } = tf.moments(y, [0]);
        return tf.add(mean, variance);
      },
    ],
    [
      "batch norm",
      (y: tf.Tensor) => {
        const { mean, variance } = tf.moments(y, 0);
        return tf.batchNorm(y, mean as tf.Tensor1D, variance as tf.Tensor1D);
      },
    ],
    ["dropout", (y: tf.Tensor) => tf.dropout(y, 0.3, undefined, 7)],
    [
      "norms",
      (y: tf.Tensor) => tf.addN([tf.norm(y), tf.norm(y, 1), tf.norm(y, Number.POSITIVE_INFINITY)]),
    ],
    [
      "correlation",
      (y: tf.Tensor) => {
        const centred = tf.sub(y, tf.mean(y, 1, true));
        const rows = tf.div(centred, tf.sqrt(tf.sum(tf.square(centred), 1, true)));
        return tf.matMul(rows, rows, false, true);
      },
    ],
    [
      "confusion",
      (y: tf.Tensor) => {
        const guessed = tf.oneHot(tf.argMax(y, 1), 4, 1, 0, "float32");
        return tf.matMul(labels(), guessed, true);
      },
    ],
    [
      "a convolution with bias and unit",
      (y: tf.Tensor) => tf.fused.conv2d({ ...fusedWindow(y), activation: "relu6" }),
    ],
    [
      "a depthwise convolution with bias and unit",
      (y: tf.Tensor) => tf.fused.depthwiseConv2d({ ...fusedWindow(y), activation: "elu" }),
    ],
    [
      "a product with bias and unit",
      (y: tf.Tensor) =>
        tf.fused.matMul({
          a: y,
          b: tf.ones([4, 3]),
          bias: tf.tensor1d([0.6, 1.3, -0.6]),
          activation: "prelu",
          preluActivationWeights: tf.tensor1d([0.3, 0.2, 0.1]),
        }),
    ],
  ] as const)("of %s", (_, measure) => {
    const y = measure(waiting(values([5, 4], 3)));
    expect(y.dataSync().every(Number.isFinite)).toBe(true);
    expect(told).toEqual([]);
  });
});
