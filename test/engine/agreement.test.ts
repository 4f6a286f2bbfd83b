import { beforeAll, expect, test } from "vitest";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { comparedBackends, describeBackends } from "./parts/backends.js";
import type { Operation } from "./parts/operations.js";
import {
  convolutions,
  depthwise,
  inputsOf,
  plainOperations,
  pools,
  values,
} from "./parts/operations.js";

/** Value and cotangents, in this order, of an operation on the current backend. */
function answers(operation: Operation): Float32Array[] {
  let read: Float32Array[] = [];
  tf.tidy(() => {
    const inputs = inputsOf(operation);
    const y = operation.apply(inputs);
    const dy = values(y.shape, 7);
    const cotangents = tf.grads((...given: tf.Tensor[]) => operation.apply(given))(inputs, dy);
    read = [y, ...cotangents].map((tensor) => tensor.dataSync<"float32">().slice());
  });
  return read;
}

/** Largest difference, relative to the largest entry. */
function difference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  const scale = a.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0) / scale;
}

/** Sums of a few hundred 32-bit floats in different orders differ by some 1e-6. */
const forwardTolerance = 1e-5;

/** A cotangent adds up over a whole batch of pixels, and more roundings with it. */
const backwardTolerance = 1e-4;

const all = [...plainOperations, ...convolutions, ...depthwise, ...pools];

const reference = new Map<string, Float32Array[]>();

beforeAll(async () => {
  await useBackend("cpu");
  for (const operation of all) reference.set(operation.name, answers(operation));
});

const title = (name: string) => `the backend ${name}`;

const body = () => {
  test.each(all.map((operation) => [operation.name, operation] as const))(
    "agrees with plain JavaScript on the value and cotangents of %s",
    (name, operation) => {
      const [y, ...cotangents] = answers(operation);
      const [expectedY, ...expectedCotangents] = reference.get(name)!;
      expect(difference(expectedY!, y!)).toBeLessThan(forwardTolerance);
      for (const [i, expected] of expectedCotangents.entries()) {
        expect(difference(expected, cotangents[i]!)).toBeLessThan(backwardTolerance);
      }
    },
  );
};

describeBackends(title, body, comparedBackends);
