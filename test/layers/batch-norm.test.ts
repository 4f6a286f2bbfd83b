import { beforeAll, expect, test } from "vitest";
import { keyOf, normal } from "../../src/core/random.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { batchNorm } from "../../src/layers/index.js";
import { contextOf, distance, tensorOf, valuesOf } from "../support/layers.js";

beforeAll(() => useBackend("cpu"));

const [batch, height, width, channels] = [4, 5, 6, 3];
const count = batch * height * width;

/** Channel c has mean 2 c - 1 and standard deviation 0.6 (c + 1), roughly. */
const values = normal(keyOf(3), count * channels).map((z, i) => {
  const c = i % channels;
  return Math.fround(0.6 * (c + 1) * z + 2 * c - 1);
});

const parameters = () => ({
  weight: tf.ones([channels]),
  bias: tf.zeros([channels]),
  running_mean: tf.tensor1d([0.5, -2, 1.3]),
  running_var: tf.tensor1d([0.6, 4, 1.3]),
});

const input = () => tensorOf(values, [batch, height, width, channels]);

/** Mean and biased variance of every channel. */
function moments(x: ArrayLike<number>): { mean: number[]; variance: number[] } {
  const own = (c: number) => Array.from(x).filter((_, i) => i % channels === c);
  const average = (all: number[]) => all.reduce((a, b) => a + b, 0) / all.length;
  const mean = [0, 1, 2].map((c) => average(own(c)));
  const variance = [0, 1, 2].map((c) => average(own(c).map((v) => (v - mean[c]!) ** 2)));
  return { mean, variance };
}

test("with the batch's statistics every channel has mean 0 and variance 1", () => {
  const y = batchNorm({ epsilon: 1e-12 }).apply(input(), parameters(), contextOf());
  const { mean, variance } = moments(valuesOf(y));
  // Float32 rounding of 120 values of order 1.
  expect(distance(mean, [0, 0, 0])).toBeLessThan(1e-6);
  expect(distance(variance, [1, 1, 1])).toBeLessThan(1e-5);
});

test("epsilon is added to the variance", () => {
  const y = batchNorm({ epsilon: 0.6 }).apply(input(), parameters(), contextOf());
  const wanted = moments(values).variance.map((v) => v / (v + 0.6));
  expect(distance(moments(valuesOf(y)).variance, wanted)).toBeLessThan(1e-5);
});

test("weight and bias scale and shift the result", () => {
  const named = {
    ...parameters(),
    weight: tf.tensor1d([0.6, 1.3, -2]),
    bias: tf.tensor1d([1, 2, 3]),
  };
  const { mean, variance } = moments(
    valuesOf(batchNorm({ epsilon: 1e-12 }).apply(input(), named, contextOf())),
  );
  expect(distance(mean, [1, 2, 3])).toBeLessThan(1e-5);
  expect(distance(variance, [0.36, 1.69, 4])).toBeLessThan(1e-4);
});

test("with running values every entry is moved by them alone", () => {
  const context = contextOf({ statistics: "running", training: true });
  const y = batchNorm({ epsilon: 0.1 }).apply(input(), parameters(), context);
  const [mean, variance] = [
    [0.5, -2, 1.3],
    [0.6, 4, 1.3],
  ];
  const wanted = values.map((v, i) => {
    const c = i % channels;
    return (v - mean![c]!) / Math.sqrt(variance![c]! + 0.1);
  });
  expect(distance(valuesOf(y), wanted)).toBeLessThan(1e-5);
});

test("the result does not change when the batch is scaled and shifted", () => {
  const layer = batchNorm({ epsilon: 1e-12 });
  const moved = tf.add(tf.mul(input(), 1.3), 0.6);
  const [a, b] = [input(), moved].map((x) => valuesOf(layer.apply(x, parameters(), contextOf())));
  expect(distance(a!, b!)).toBeLessThan(1e-5);
});

test("in training it taps what the running values should move towards, else nothing", () => {
  const tapped: Record<string, Float64Array> = {};
  const tap = (name: string, x: tf.Tensor) => {
    tapped[name] = valuesOf(x);
    return x;
  };
  const layer = batchNorm();
  layer.apply(input(), parameters(), contextOf({ tap }));
  layer.apply(input(), parameters(), contextOf({ tap, training: true, statistics: "running" }));
  expect(tapped).toEqual({});
  layer.apply(input(), parameters(), contextOf({ tap, training: true }));
  const { mean, variance } = moments(values);
  expect(Object.keys(tapped)).toEqual(["running_mean", "running_var"]);
  expect(distance(tapped["running_mean"]!, mean)).toBeLessThan(1e-5);
  const unbiased = variance.map((v) => (v * count) / (count - 1));
  expect(distance(tapped["running_var"]!, unbiased)).toBeLessThan(1e-4);
});

test("parameters are PyTorch's with the scale as the start of the weight", () => {
  const specs = batchNorm({ scale: 0.6 }).parameters([5, 6, 2]);
  const seen = specs.map(({ name, role, trainable, initializer, shape }) => [
    name,
    role,
    trainable,
    ...initializer.sample(shape, keyOf(1)),
  ]);
  expect(seen).toEqual([
    ["weight", "gain", true, 0.6, 0.6],
    ["bias", "bias", true, 0, 0],
    ["running_mean", "moment", false, 0, 0],
    ["running_var", "moment", false, 1, 1],
  ]);
});
