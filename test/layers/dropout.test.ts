import { beforeAll, expect, test } from "vitest";
import { keyOf } from "../../src/core/random.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { dropout, serial } from "../../src/layers/index.js";
import { contextOf, valuesOf } from "../support/layers.js";

beforeAll(() => useBackend("cpu"));

const n = 100_000;
const training = (seed: number) => contextOf({ training: true, key: keyOf(seed) });
const apply = (rate: number, seed: number) =>
  valuesOf(dropout({ rate }).apply(tf.fill([n, 1], 1.3), {}, training(seed)));

test("it keeps the mean and drops the share it is told", () => {
  const y = apply(0.3, 1);
  const mean = y.reduce((a, b) => a + b, 0) / n;
  const dropped = y.filter((v) => v === 0).length / n;
  // Four standard errors of a share of 0.3 and of a mean that is 1.3 / 0.7 times the other share.
  const error = 4 * Math.sqrt((0.3 * 0.7) / n);
  expect(Math.abs(dropped - 0.3)).toBeLessThan(error);
  expect(Math.abs(mean - 1.3)).toBeLessThan((error * 1.3) / 0.7);
  const kept = Math.fround(Math.fround(1.3) * Math.fround(1 / 0.7));
  expect(new Set(y)).toEqual(new Set([0, kept]));
});

test("equal keys drop equal entries and other keys others", () => {
  expect(apply(0.3, 1)).toEqual(apply(0.3, 1));
  const [a, b] = [apply(0.3, 1), apply(0.3, 2)];
  const both = a.filter((v, i) => v === 0 && b[i] === 0).length / n;
  // Independent masks drop the same entry with probability 0.09.
  expect(Math.abs(both - 0.09)).toBeLessThan(4 * Math.sqrt((0.09 * 0.91) / n));
});

test("two dropouts of one network drop different entries", () => {
  const layer = serial({ first: dropout({ rate: 0.5 }), second: dropout({ rate: 0.5 }) });
  const y = valuesOf(layer.apply(tf.ones([n, 1]), {}, training(1)));
  const kept = y.filter((v) => v === 4).length / n;
  expect(Math.abs(kept - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / n));
});

test("it is the identity out of training and at rate 0", () => {
  const x = tf.tensor1d([0.6, -1.3]);
  expect(dropout({ rate: 0.9 }).apply(x, {}, contextOf())).toBe(x);
  expect(dropout({ rate: 0 }).apply(x, {}, training(1))).toBe(x);
});

test.each([1, -0.1, Number.NaN])("a rate of %d is refused", (rate) => {
  expect(() => dropout({ rate })).toThrow(`dropout: rate is ${rate}; needed: 0 <= rate < 1`);
});
