import { beforeAll, expect, test } from "vitest";
import { keyOf, normal } from "../../src/core/random.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import type { Layer } from "../../src/layers/index.js";
import { relu, srelu } from "../../src/layers/index.js";
import { contextOf, tensorOf, valuesOf } from "../support/layers.js";

beforeAll(() => useBackend("cpu"));

const draws = 400_000;

/** A mean and its standard error. */
function estimate(values: Float64Array): readonly [number, number] {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
  return [mean, Math.sqrt(variance / values.length)];
}

function expectNear([mean, error]: readonly [number, number], exact: number): void {
  // Four standard errors: the key is fixed, and a right value lands outside once in 16,000 keys.
  expect(Math.abs(mean - exact)).toBeLessThan(4 * error);
}

function onNormal(layer: Layer, threshold?: number): Float64Array {
  const x = tensorOf(normal(keyOf(83315), draws), [draws, 1]);
  const named = threshold === undefined ? {} : { threshold: tf.tensor1d([threshold]) };
  return valuesOf(layer.apply(x, named, contextOf()));
}

test("a threshold of -1 keeps three quarters of a standard normal's variance", () => {
  const y = onNormal(srelu(), -1);
  expectNear(estimate(y), 0.083315);
  expectNear(estimate(y.map((v) => v * v)), 0.758029);
  expectNear(estimate(y.map((v) => (v - 0.083315) ** 2)), 0.751088);
});

test("a ReLU keeps one third of it", () => {
  const mean = 1 / Math.sqrt(2 * Math.PI);
  expectNear(estimate(onNormal(relu()).map((v) => (v - mean) ** 2)), 0.340845);
});

test("every channel has its own threshold", () => {
  const x = tf.tensor2d([[-3, -3, -3, 0.25]]);
  const threshold = tf.tensor1d([-1, 0.5, -2, -1]);
  const y = srelu().apply(x, { threshold }, contextOf());
  expect([...valuesOf(y)]).toEqual([-1, 0.5, -2, 0.25]);
});

test("at x = b the derivative by x is 0 and by b is 1", () => {
  const slopes = tf.grads((x: tf.Tensor, threshold: tf.Tensor) =>
    srelu().apply(x, { threshold }, contextOf()),
  );
  const [byInput, byThreshold] = slopes([tf.tensor2d([[-1, 2]]), tf.tensor1d([-1, -1])]);
  expect([...valuesOf(byInput!)]).toEqual([0, 1]);
  expect([...valuesOf(byThreshold!)]).toEqual([1, 0]);
});

test("the threshold starts where it is told and may be fixed", () => {
  const spec = (layer: Layer) => {
    const [only] = layer.parameters([5, 6, 4]);
    const { name, shape, role, trainable, initializer } = only!;
    return { name, shape, role, trainable, values: [...initializer.sample(shape, keyOf(1))] };
  };
  const standard = { name: "threshold", shape: [4], role: "threshold" };
  expect(spec(srelu())).toEqual({ ...standard, trainable: true, values: [-1, -1, -1, -1] });
  expect(spec(srelu({ initial: 0.6, trainable: false }))).toEqual({
    ...standard,
    trainable: false,
    values: [0.6, 0.6, 0.6, 0.6],
  });
});
