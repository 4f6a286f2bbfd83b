import { expect } from "vitest";
import { evaluate } from "../../../src/engine/evaluation.js";
import * as tf from "../../../src/engine/tf.js";
import type { Operation } from "./operation.js";
import { inputsOf, values } from "./operation.js";

/** What is differentiated. */
type Apply = (inputs: tf.Tensor[]) => tf.Tensor;

/** Value and cotangents, in this order, of a function of the inputs, by a fixed cotangent. */
export function answersFor(inputs: () => tf.Tensor[], apply: Apply): Float32Array[] {
  let read: Float32Array[] = [];
  tf.tidy(() => {
    const given = inputs();
    const y = apply(given);
    const dy = values(y.shape, 7);
    const cotangents = tf.grads((...all: tf.Tensor[]) => apply(all))(given, dy);
    evaluate([y, ...cotangents]);
    read = [y, ...cotangents].map((tensor) => tensor.dataSync<"float32">().slice());
  });
  return read;
}

/** The function's value and the sum of its inputs, so that each of them has a cotangent. */
export function withInputs(apply: Apply, inputs: tf.Tensor[]): tf.Tensor {
  const sums = inputs.map((input) => tf.reshape(tf.sum(input), [1]));
  return tf.concat([tf.reshape(apply(inputs), [-1]), ...sums]);
}

/** Value and cotangents of an operation. */
export function answersOf(operation: Operation): Float32Array[] {
  return answersFor(() => inputsOf(operation), operation.apply);
}

/** Largest difference, relative to the largest entry. */
export function differenceOf(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  const expected = Array.from(a);
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
  return expected.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0) / scale;
}
