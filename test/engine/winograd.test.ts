import { beforeAll, describe, expect, test } from "vitest";
import { explain, freeze } from "../../src/engine/evaluation.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { answersFor, differenceOf, withInputs } from "./parts/answers.js";
import { values } from "./parts/operations.js";

beforeAll(() => useBackend("onnx"));

/** Large enough that fewer multiplications pay, both towards the output and towards the input. */
const cases = [
  { image: [80, 8, 8, 128], outputs: 128 },
  { image: [40, 8, 6, 256], outputs: 128 },
  { image: [30, 10, 14, 128], outputs: 160 },
  { image: [44, 4, 4, 256], outputs: 256 },
];

type Follow = (y: tf.Tensor, x: tf.Tensor, vector: tf.Tensor) => tf.Tensor;

/** What follows joins the products or the sums of the outputs. */
const chains: readonly (readonly [string, Follow])[] = [
  ["nothing", (y) => y],
  ["a ReLU", (y) => tf.relu(y)],
  ["a bias and a ReLU", (y, _, vector) => tf.relu(tf.add(y, vector))],
  ["a bias and a sum", (y, x, vector) => tf.add(x, tf.add(y, vector))],
  ["a bias, a sum and a ReLU", (y, x, vector) => tf.relu(tf.add(x, tf.add(y, vector)))],
  ["a scale a channel", (y, _, vector) => tf.mul(y, vector)],
];

const conv = (x: tf.Tensor, filter: tf.Tensor): tf.Tensor =>
  tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 1);

/** Value and cotangents of two convolutions with the same filter, which is frozen or not. */
function answers(image: number[], outputs: number, follow: Follow, frozen: boolean) {
  const inputs = () => {
    const filter = values([3, 3, image[3]!, outputs], 2, -0.1, 0.1);
    if (frozen) freeze([filter]);
    return [values(image, 1, -1, 1), filter, values(image, 3, -1, 1), values([outputs], 4)];
  };
  const apply = ([x, filter, other, vector]: tf.Tensor[]): tf.Tensor =>
    follow(conv(x!, filter!), conv(other!, filter!), vector!);
  return answersFor(inputs, (given) => withInputs(apply, given));
}

describe.each(cases)("a frozen filter on $image to $outputs channels", ({ image, outputs }) => {
  test.each(chains)("followed by %s gives what one that changes gives", (name, follow) => {
    const expected = answers(image, outputs, follow, false);
    // Some signal is within rounding of 0, where a ReLU's cotangent jumps.
    const compared = name.includes("ReLU") ? 1 : expected.length;
    const all = answers(image, outputs, follow, true).slice(0, compared);
    for (const [i, found] of all.entries()) {
      // The cotangent of the filter, a sum over thousands of pixels, is off by some 1e-6.
      expect(differenceOf(expected[i]!, found)).toBeLessThan(i === 1 ? 1e-4 : 5e-6);
    }
  });
});

/** Nodes of an operation in the graph of one frozen filter 3x3 on several images. */
function nodesOf(operation: string, image: number[], outputs: number, images = 1): number {
  return tf.tidy(() => {
    const filter = values([3, 3, image[3]!, outputs], 2);
    freeze([filter]);
    const all = Array.from({ length: images }, (_, i) => conv(values(image, 3 + i), filter));
    return explain(all).nodes.filter((node) => node.operation === operation).length;
  });
}

const convolutions = (image: number[], outputs: number): number => nodesOf("Conv", image, outputs);

test("a filter that meets several images is transformed once", () => {
  const of = (images: number) => nodesOf("MatMul", [80, 8, 8, 128], 128, images);
  expect(of(1)).toBe(1);
  expect(of(2)).toBe(1);
});

test("many channels on many pixels become 16 products, few stay one convolution", () => {
  expect(convolutions([128, 8, 8, 128], 128)).toBe(16 + 16);
  expect(convolutions([2, 8, 8, 128], 128)).toBe(1);
  expect(convolutions([128, 32, 32, 64], 64)).toBe(1);
  expect(convolutions([128, 9, 8, 128], 128)).toBe(1);
});

test("the filter of a single 1 in the middle gives the image back to seven digits", () => {
  tf.tidy(() => {
    const image = values([128, 8, 8, 128], 1);
    const identity = tf.reshape(tf.eye(128), [1, 1, 128, 128]);
    const filter = tf.pad(identity, [[1, 1], [1, 1], [0, 0], [0, 0]]); // biome-ignore format: pairs
    freeze([filter]);
    expect(differenceOf(image.dataSync(), conv(image, filter).dataSync())).toBeLessThan(5e-7);
  });
});
