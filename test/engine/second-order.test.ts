import { beforeAll, describe, expect, test } from "vitest";
import { fold, keyOf, normal } from "../../src/core/random.js";
import { sizeOf } from "../../src/core/shape.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import type { LayerCase } from "../support/layers.js";
import {
  contextOf,
  inner,
  inputOf,
  largest,
  layerCases,
  movedParameters,
  tensorOf,
  valuesOf,
} from "../support/layers.js";

const key = keyOf(31);
const batch = 2;

/** Step of the differences: a power of two, so that steps along the tangents are exact. */
const step = 1 / 64;

/** Relative error of float32. */
const unit = 2 ** -24;

/** A layer as a function of its input and every trainable parameter. */
interface Subject {
  readonly at: readonly tf.Tensor[];
  readonly tangents: readonly tf.Tensor[];
  run(...values: tf.Tensor[]): tf.Tensor;
}

/** Small random powers of two with signs, of which products with the step are exact. */
function tangentOf(like: tf.Tensor, label: string): tf.Tensor {
  const signs = normal(fold(key, label), like.size).map((z) => (z < 0 ? -0.5 : 0.5));
  return tensorOf(signs, like.shape);
}

function subjectOf({ layer, inShape, title, context, ...rest }: LayerCase): Subject {
  const one = { layer, inShape, title, ...rest };
  const parameters = movedParameters(layer, inShape, fold(key, title));
  const trainable = layer.parameters(inShape).filter((spec) => spec.trainable);
  const names = trainable.map(({ name }) => name);
  const at = [
    inputOf(one, batch, fold(key, `${title} input`)),
    ...names.map((name) => parameters[name]!),
  ];
  return {
    at,
    tangents: at.map((x, i) => tangentOf(x, `${title} ${i}`)),
    run: (x, ...values) => {
      const changed = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
      return tf.clone(layer.apply(x, { ...parameters, ...changed }, contextOf(context)));
    },
  };
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

/** The same by differences of fourth order. */
function difference({ at, tangents, run }: Subject): Float64Array {
  const along = (t: number) =>
    valuesOf(run(...at.map((x, i) => tf.add(x, tf.mul(tangents[i]!, t)))));
  const [far, near] = [2 * step, step].map((t) => {
    const [ahead, behind] = [along(t), along(-t)];
    return ahead.map((value, i) => value - behind[i]!);
  });
  return near!.map((value, i) => (8 * value - far![i]!) / (12 * step));
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
  const second = tf.grads(slopes)([...at]);
  return Float64Array.from(second.flatMap((one) => [...one.dataSync()]));
}

/** The same by differences of cotangents. */
function curvatureByDifference({ at, tangents, run }: Subject, u: tf.Tensor): Float64Array {
  const along = (t: number): number[] => {
    const moved = at.map((x, i) => tf.add(x, tf.mul(tangents[i]!, t)));
    return tf
      .grads(run)(moved, u)
      .flatMap((one) => [...one.dataSync()]);
  };
  const [ahead, behind, farAhead, farBehind] = [step, -step, 2 * step, -2 * step].map(along);
  return Float64Array.from(
    ahead!,
    (value, i) => (8 * (value - behind![i]!) - (farAhead![i]! - farBehind![i]!)) / (12 * step),
  );
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
    const shape = [batch, ...one.layer.outShape(one.inShape)];
    const u = tensorOf(normal(fold(key, `${one.title} u`), sizeOf(shape)), shape);
    const measured = curvature(subject, u);
    const expected = curvatureByDifference(subject, u);
    const slopes = tf
      .grads(subject.run)([...subject.at], u)
      .flatMap((x) => [...x.dataSync()]);
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
    const small = 1 / 512;
    const expected =
      (8 * (at(small) - at(-small)) - (at(2 * small) - at(-2 * small))) / (12 * small);
    // Windows keep their maxima within such a step; the second derivative is right to some 1e-6.
    expect(Math.abs(third - expected)).toBeLessThan(1e-2 * Math.abs(expected) + 1e-1);
  });
});
