import { beforeAll, expect, test } from "vitest";
import { fold, keyOf, normal } from "../../src/core/random.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { conv2d, scaledStandardConv2d, standardisedKernel } from "../../src/layers/index.js";
import { contextOf, distance, gaussian, largest, tensorOf, valuesOf } from "../support/layers.js";

beforeAll(() => useBackend("cpu"));

const key = keyOf(11);
const shape = [3, 3, 5, 4];
const fanIn = 45;
const weights = normal(key, fanIn * 4).map((z, i) => 0.3 * ((i % 4) + 1) * z + 0.6);

/** Mean and biased variance over the inputs of each of four filters. */
function filterMoments(kernel: Float64Array): { mean: number[]; variance: number[] } {
  const own = (f: number) => [...kernel].filter((_, i) => i % 4 === f);
  const average = (all: number[]) => all.reduce((a, b) => a + b, 0) / all.length;
  const mean = [0, 1, 2, 3].map((f) => average(own(f)));
  const variance = mean.map((m, f) => average(own(f).map((w) => (w - m) ** 2)));
  return { mean, variance };
}

test("every filter has mean 0 and variance (gamma gain)^2 / fanIn", () => {
  const gain = [0.6, 1, 1.3, -2];
  const kernel = standardisedKernel(tensorOf(weights, shape), tf.tensor1d(gain), 1.7);
  const { mean, variance } = filterMoments(valuesOf(kernel));
  // Entries are of order 0.5 with float32 rounding.
  expect(distance(mean, [0, 0, 0, 0])).toBeLessThan(1e-6);
  const wanted = gain.map((g) => (1.7 * g) ** 2 / fanIn);
  expect(distance(variance, wanted)).toBeLessThan(1e-6);
});

test("scaling and shifting the weights changes nothing", () => {
  const gain = tf.ones([4]);
  const moved = weights.map((w) => 1.3 * w - 0.6);
  const [a, b] = [weights, moved].map((w) =>
    valuesOf(standardisedKernel(tensorOf(w, shape), gain, 1)),
  );
  expect(distance(a!, b!)).toBeLessThan(1e-5);
});

test("a filter of equal weights becomes zero, not a division by zero", () => {
  const kernel = standardisedKernel(tf.fill(shape, 0.5), tf.ones([4]), 1.3);
  expect(largest(valuesOf(kernel))).toBe(0);
});

test("fanIn Var(W) is bounded below by 1e-4", () => {
  const small = weights.map((w) => 1e-4 * w);
  const kernel = valuesOf(standardisedKernel(tensorOf(small, shape), tf.ones([4]), 1));
  const { mean } = filterMoments(small);
  // fanIn Var(W) is at most 1e-8 * 1.44 * 45 = 6.5e-7 here, so the divisor is 0.01.
  const wanted = small.map((w, i) => (w - mean[i % 4]!) / 0.01);
  expect(distance(kernel, wanted)).toBeLessThan(1e-6);
});

test("it convolves with the standardised kernel and adds the bias", () => {
  const options = { filters: 4, stride: 2, initializer: gaussian, bias: gaussian };
  const x = tensorOf(normal(fold(key, "x"), 2 * 7 * 6 * 5), [2, 7, 6, 5]);
  const weight = tensorOf(weights, shape);
  const gain = tf.tensor1d([0.6, 1, 1.3, -2]);
  const bias = tf.tensor1d([1, 2, 3, 4]);
  const layer = scaledStandardConv2d({ ...options, gamma: 1.7 });
  const y = layer.apply(x, { weight, gain, bias }, contextOf());
  const kernel = standardisedKernel(weight, gain, 1.7);
  const wanted = conv2d(options).apply(x, { weight: kernel, bias }, contextOf());
  expect(valuesOf(y)).toEqual(valuesOf(wanted));
  expect(layer.macs([7, 6, 5])).toBe(conv2d(options).macs([7, 6, 5]));
});

test("the gain is one a filter and 1 unless given", () => {
  const specs = scaledStandardConv2d({ filters: 4, initializer: gaussian }).parameters([7, 6, 5]);
  expect(specs.map(({ name, shape, role }) => [name, shape, role])).toEqual([
    ["weight", shape, "weight"],
    ["gain", [4], "gain"],
  ]);
  expect([...specs[1]!.initializer.sample([4], key)]).toEqual([1, 1, 1, 1]);
});
