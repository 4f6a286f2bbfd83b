import { expect } from "vitest";
import * as tf from "../../../src/engine/tf.js";
import type { Operation } from "./operation.js";
import { inputsOf, values } from "./operation.js";

/** Value and cotangents, in this order, of an operation on the current backend. */
export function answersOf(operation: Operation): Float32Array[] {
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
export function differenceOf(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  const expected = Array.from(a);
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
  return expected.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0) / scale;
}
