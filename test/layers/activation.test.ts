import { readdirSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import type { ActivationName } from "../../src/layers/index.js";
import { activation, activationByName, activationNames } from "../../src/layers/index.js";
import { contextOf, distance, valuesOf } from "../support/layers.js";

beforeAll(() => useBackend("cpu"));

/** P(N(0,1) < x) by Simpson's rule in 400 steps from 0: error below 1e-11 for |x| < 5. */
function normalProbability(x: number): number {
  const density = (t: number) => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
  const h = x / 400;
  let sum = density(0) + density(x);
  for (let i = 1; i < 400; i++) sum += (i % 2 === 1 ? 4 : 2) * density(i * h);
  return 0.5 + (sum * h) / 3;
}

const definitions: Readonly<Record<ActivationName, (x: number) => number>> = {
  relu: (x) => Math.max(x, 0),
  tanh: Math.tanh,
  silu: (x) => x / (1 + Math.exp(-x)),
  gelu: (x) => x * normalProbability(x),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  selu: (x) =>
    x > 0 ? 1.0507009873554805 * x : 1.0507009873554805 * 1.6732632423543772 * Math.expm1(x),
  "leaky-relu": (x) => (x > 0 ? x : 0.01 * x),
  softplus: (x) => Math.log1p(Math.exp(x)),
  identity: (x) => x,
};

const points = [-4.7, -2, -1, -0.6, -0.01, 0, 0.01, 0.3, 1, 1.3, 3.9];

describe.each(activationNames)("%s", (name) => {
  test("is its definition", () => {
    const y = activation(name).apply(tf.tensor2d([points]), {}, contextOf());
    const wanted = points.map((x) => definitions[name](x));
    // Float32 values below 4, and an error function that is right to 1.5e-7.
    expect(distance(valuesOf(y), wanted)).toBeLessThan(1e-6);
  });

  test("has the shape of its input, no parameters and no multiply-adds", () => {
    const layer = activation(name);
    expect(layer.outShape([4, 5, 6])).toEqual([4, 5, 6]);
    expect(layer.parameters([4, 5, 6])).toEqual([]);
    expect(layer.macs([4, 5, 6])).toBe(0);
  });
});

test("every file of the folder is an activation of that name", () => {
  const files = readdirSync(new URL("../../src/layers/activations", import.meta.url))
    .map((file) => file.replace(/\.ts$/, ""))
    .filter((file) => file !== "activation");
  expect([...activationNames].sort()).toEqual(files.sort());
});

test("the derivative at a kink is that of the left side", () => {
  const slope = (name: ActivationName) =>
    tf.grad((x: tf.Tensor) => activation(name).apply(x, {}, contextOf()))(tf.tensor1d([0]));
  expect(valuesOf(slope("relu"))).toEqual(Float64Array.of(0));
  expect(valuesOf(slope("leaky-relu"))).toEqual(Float64Array.of(Math.fround(0.01)));
});

test("an unknown name is refused with the nearest one", () => {
  expect(() => activationByName("leaky-rlu")).toThrow(
    'activation: unknown name "leaky-rlu" (did you mean "leaky-relu"?)',
  );
});
