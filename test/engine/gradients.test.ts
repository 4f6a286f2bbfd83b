import { beforeAll, describe, expect, test } from "vitest";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { describeBackends } from "./parts/backends.js";
import type { Operation } from "./parts/operations.js";
import { depthwise, inputsOf, plainOperations, pools, values } from "./parts/operations.js";

/**
 * Step of a central difference; half of it is used too, which leaves an error of its fourth power.
 */
const step = 0.02;

/**
 * A rounded value of size 1 moves a difference over 0.02 by some 6e-6; entries add up at random.
 * Hence 1e-3 of the sum of the absolute terms has room, and a wrong rule is off by a good part of
 * it.
 */
const tolerance = 1e-3;

type Direction = tf.Tensor[];

/** Products of two tensors' entries, in float64. */
function products(a: tf.Tensor, b: tf.Tensor): Float64Array {
  const [x, y] = [a.dataSync<"float32">(), b.dataSync<"float32">()];
  return Float64Array.from(x, (value, i) => value * y[i]!);
}

const sum = (terms: Float64Array): number => terms.reduce((total, term) => total + term, 0);

const size = (terms: Float64Array): number =>
  terms.reduce((total, term) => total + Math.abs(term), 0);

/** The derivative along a direction by differences over `2 h`. */
function difference(
  f: (given: tf.Tensor[]) => tf.Tensor,
  at: tf.Tensor[],
  along: Direction,
  h: number,
): tf.Tensor {
  const moved = (by: number) => f(at.map((x, i) => tf.add(x, tf.mul(along[i]!, by))));
  return tf.div(tf.sub(moved(h), moved(-h)), 2 * h);
}

function extrapolated(
  f: (given: tf.Tensor[]) => tf.Tensor,
  at: tf.Tensor[],
  along: Direction,
): tf.Tensor {
  const fine = difference(f, at, along, step / 2);
  return tf.div(tf.sub(tf.mul(4, fine), difference(f, at, along, step)), 3);
}

const directions = (inputs: tf.Tensor[]): Direction =>
  inputs.map((x, i) => values(x.shape, 20 + i));

/**
 * `J u` by two reverse passes: the cotangent map is linear in the cotangent, and is differentiated
 * in it.
 */
function jvp(f: (given: tf.Tensor[]) => tf.Tensor, at: tf.Tensor[], along: Direction): tf.Tensor {
  const reverse = (v: tf.Tensor) => {
    const cotangents = tf.grads((...given: tf.Tensor[]) => f(given))(at, v);
    return tf.addN(cotangents.map((one, i) => tf.sum(tf.mul(one, along[i]!))));
  };
  return tf.grad(reverse)(tf.zerosLike(f(at)));
}

function smooth(operation: Operation): boolean {
  return operation.smooth !== false;
}

/** Far enough apart that no maximum changes hands within a step. */
function inputsFor(operation: Operation): tf.Tensor[] {
  if (!/max|min/.test(operation.name)) return inputsOf(operation);
  return inputsOf(operation).map((x) => tf.mul(x, 60));
}

/**
 * Inputs of an operation, a direction, a cotangent, and the terms of the cotangent's product with
 * the derivative along the direction, by differences.
 */
function byDifferences(operation: Operation) {
  const inputs = inputsFor(operation);
  const along = directions(inputs);
  const dy = values(operation.apply(inputs).shape, 7);
  const expected = products(extrapolated(operation.apply, inputs, along), dy);
  return { inputs, along, dy, expected };
}

const smallConvolutions: readonly Operation[] = [
  [3, 1, 1],
  [3, 2, 1],
  [5, 2, 2],
  [1, 2, 0],
].map(([kernel, stride, pad]) => ({
  name: `conv ${kernel}x${kernel} stride ${stride}`,
  shapes: [
    [2, 7, 8, 3],
    [kernel!, kernel!, 3, 4],
  ],
  apply: ([x, filter]) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride!, pad!),
}));

/** Batch normalisation by its own moments, then ReLU; the corner is kept away by the shift. */
const normalised: Operation = {
  name: "normalisation by batch moments",
  shapes: [[4, 5, 5, 3], [3]],
  low: 0.3,
  high: 2.6,
  apply: ([x, gain]) => {
    const { mean, variance } = tf.moments(x!, [0, 1, 2]);
    const scaled = tf.mul(tf.sub(x!, mean), tf.rsqrt(tf.add(variance, 1e-5)));
    return tf.relu(tf.add(tf.mul(scaled, gain!), 9));
  },
};

const block: Operation = {
  name: "residual block with max pooling",
  shapes: [
    [2, 8, 8, 4],
    [3, 3, 4, 4],
  ],
  low: 0.3,
  high: 1.3,
  apply: ([x, filter]) => {
    const branch = tf.relu(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 1));
    const pooled = tf.maxPool(tf.add(tf.mul(branch, 0.6), x!) as tf.Tensor4D, 2, 2, 0);
    return tf.mean(tf.avgPool(pooled, 2, 1, 0), [1, 2]);
  },
};

const cases = [...plainOperations, ...smallConvolutions, ...depthwise, ...pools, normalised].filter(
  smooth,
);

beforeAll(() => useBackend("cpu"));

describe("cotangents", () => {
  test.each(cases.map((one) => [one.name, one] as const))(
    "of %s equal central differences",
    (_, operation) => {
      tf.tidy(() => {
        const { inputs, along, dy, expected } = byDifferences(operation);
        const cotangents = tf.grads((...given: tf.Tensor[]) => operation.apply(given))(inputs, dy);
        const reverse = cotangents.map((one, i) => products(one, along[i]!));
        const total = reverse.reduce((all, terms) => all + sum(terms), 0);
        const scale = reverse.reduce((all, terms) => all + size(terms), 0);
        expect(Math.abs(total - sum(expected))).toBeLessThanOrEqual(tolerance * Math.max(scale, 1));
      });
    },
  );

  test("of ReLU vanish at 0", () => {
    const slope = tf.grad((x: tf.Tensor) => tf.sum(tf.relu(x)))(tf.tensor1d([-0.6, 0, 1.3]));
    expect([...slope.dataSync()]).toEqual([0, 0, 1]);
  });

  test("of a maximum of equals go to the first of them", () => {
    const [a, b] = tf.grads((x: tf.Tensor, y: tf.Tensor) => tf.sum(tf.maximum(x, y)))([
      tf.tensor1d([0.6, 1.3]),
      tf.tensor1d([0.6, 2]),
    ]);
    expect([...a!.dataSync()]).toEqual([1, 0]);
    expect([...b!.dataSync()]).toEqual([0, 1]);
  });
});

describeBackends(
  (name) => `forward products on ${name} by two reverse passes`,
  () => {
    const second = [...smallConvolutions, ...depthwise, ...pools, normalised, block].filter(smooth);

    test.each(second.map((one) => [one.name, one] as const))(
      "through %s equal central differences",
      (_, operation) => {
        tf.tidy(() => {
          const { inputs, along, dy, expected } = byDifferences(operation);
          const measured = products(jvp(operation.apply, inputs, along), dy);
          const scale = Math.max(1, size(measured));
          const rounding = (size(products(operation.apply(inputs), dy)) * 2 ** -23) / step;
          expect(Math.abs(sum(measured) - sum(expected))).toBeLessThanOrEqual(
            tolerance * scale + rounding,
          );
        });
      },
    );
  },
);
