import { beforeAll, describe, expect, test } from "vitest";
import { fold, keyOf, normal } from "../../src/core/random.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { derivative, step, unit } from "../support/differences.js";
import type { LayerCase, LayerFunction } from "../support/layers.js";
import {
  cotangentOf,
  inner,
  largest,
  layerCases,
  layerFunction,
  tensorOf,
  valuesOf,
} from "../support/layers.js";

const key = keyOf(31);
const batch = 2;

/** A layer as a function, and a direction in which its input and parameters move. */
interface Subject extends LayerFunction {
  readonly tangents: readonly tf.Tensor[];
}

/** Small random powers of two with signs, of which products with the step are exact. */
function tangentOf(like: tf.Tensor, label: string): tf.Tensor {
  const signs = normal(fold(key, label), like.size).map((z) => (z < 0 ? -0.5 : 0.5));
  return tensorOf(signs, like.shape);
}

function subjectOf(one: LayerCase): Subject {
  const whole = layerFunction(one, batch, key);
  return { ...whole, tangents: whole.at.map((x, i) => tangentOf(x, `${one.title} ${i}`)) };
}

/** Input and parameters, moved along the tangents. */
function movedBy({ at, tangents }: Subject, t: number): tf.Tensor[] {
  return at.map((x, i) => tf.add(x, tf.mul(tangents[i]!, t)));
}

/**
 * The derivative along the tangents by two reverse passes: cotangents are linear in the cotangent
 * of the output, and are differentiated in that.
 */
function pushForward({ at, tangents, run }: Subject): Float64Array {
  const pullBack = (u: tf.Tensor): tf.Tensor => {
    const cotangents = tf.grads(run)([...at], u);
    return tf.addN(cotangents.map((one, i) => tf.sum(tf.mul(one, tangents[i]!))));
  };
  return valuesOf(tf.grad(pullBack)(tf.onesLike(run(...at))));
}

/** The same by differences. */
function difference(subject: Subject): Float64Array {
  return derivative((t) => valuesOf(subject.run(...movedBy(subject, t))));
}

/** The values of several tensors, one after the other. */
function allValues(tensors: readonly tf.Tensor[]): Float64Array {
  return Float64Array.from(tensors.flatMap((one) => [...one.dataSync()]));
}

/** The cotangents' derivative by the inputs, along the tangents, by two reverse passes. */
function curvature({ at, tangents, run }: Subject, u: tf.Tensor): Float64Array {
  const slopes = (...values: tf.Tensor[]): tf.Tensor => {
    const cotangents = tf.grads(run)(values, u);
    // Cotangents that do not depend on a value at all have no derivative by it but this zero.
    const nothing = values.map((value) => tf.mul(0, tf.sum(value)));
    const sums = cotangents.map((one, i) => tf.sum(tf.mul(one, tangents[i]!)));
    return tf.addN([...sums, ...nothing]);
  };
  return allValues(tf.grads(slopes)([...at]));
}

/** The same by differences of cotangents. */
function curvatureByDifference(subject: Subject, u: tf.Tensor): Float64Array {
  return derivative((t) => allValues(tf.grads(subject.run)(movedBy(subject, t), u)));
}

const distanceOf = (a: Float64Array, b: Float64Array): number =>
  largest(a.map((value, i) => value - b[i]!));

/** What the differences of values of a size may be off: dozens of roundings over the step. */
const roundings = (size: number): number => (64 * unit * Math.max(1, size)) / step;

describe.each(["cpu", "onnx"])("two reverse passes on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(layerCases)("push tangents forward through $title", (one) => {
    const subject = subjectOf(one);
    const pushed = pushForward(subject);
    const expected = difference(subject);
    const room =
      roundings(largest(valuesOf(subject.run(...subject.at)))) + 1e-3 * largest(expected);
    expect(distanceOf(pushed, expected)).toBeLessThan(room);
    // Against a rule that gives nothing at all.
    expect(largest(expected)).toBeGreaterThan(10 * room);
  });

  test.each(layerCases)("tell how the cotangents of $title change", (one) => {
    const subject = subjectOf(one);
    const u = cotangentOf(one, batch, key);
    const measured = curvature(subject, u);
    const expected = curvatureByDifference(subject, u);
    const slopes = allValues(tf.grads(subject.run)([...subject.at], u));
    const room = roundings(largest(slopes)) + 1e-3 * largest(expected);
    expect(distanceOf(measured, expected)).toBeLessThan(room);
  });
});

describe.each(["cpu", "onnx"])("three reverse passes on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test("through max pooling and a smooth unit equal differences of two", () => {
    const x = tensorOf(normal(fold(key, "third"), 2 * 6 * 6 * 3), [2, 6, 6, 3]);
    const filter = tensorOf(
      normal(fold(key, "third filter"), 3 * 3 * 3 * 4).map((z) => 0.3 * z),
      [3, 3, 3, 4],
    );
    const run = (image: tf.Tensor): tf.Tensor => {
      const y = tf.tanh(tf.conv2d(image as tf.Tensor4D, filter as tf.Tensor4D, 1, 1));
      return tf.sum(tf.square(tf.maxPool(y as tf.Tensor4D, 2, 2, 0)));
    };
    const v = tangentOf(x, "third v");
    const along = (f: (image: tf.Tensor) => tf.Tensor) => (image: tf.Tensor) =>
      tf.sum(tf.mul(tf.grad(f)(image), v));
    const second = along(along(run));
    const third = inner(valuesOf(tf.grad(second)(x)), valuesOf(v));
    const at = (t: number) => tf.tidy(() => second(tf.add(x, tf.mul(v, t))).dataSync()[0]!);
    const expected = derivative((t) => [at(t)], 1 / 512)[0]!;
    // Windows keep their maxima within such a step; the second derivative is right to some 1e-6.
    expect(Math.abs(third - expected)).toBeLessThan(1e-2 * Math.abs(expected) + 1e-1);
  });
});
