import { beforeAll, describe, expect, test } from "vitest";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { answersFor, differenceOf, withInputs } from "./parts/answers.js";
import { values } from "./parts/operations.js";

/** A function of several tensors; its value and all cotangents are compared. */
interface Case {
  readonly name: string;
  readonly shapes: readonly number[][];
  apply(inputs: tf.Tensor[]): tf.Tensor;
}

const conv = (x: tf.Tensor, filter: tf.Tensor, stride = 1, pad = 1): tf.Tensor =>
  tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, pad);

/** Filters' cotangents whose pixels fill blocks: whole rows, and rows of several samples. */
const filters: readonly Case[] = [
  { batch: 2, size: 16, kernel: 3, stride: 1, pad: 1, channels: [16, 32] },
  { batch: 2, size: 32, kernel: 3, stride: 1, pad: 1, channels: [3, 16] },
  { batch: 4, size: 8, kernel: 3, stride: 1, pad: 1, channels: [32, 16] },
  { batch: 8, size: 4, kernel: 3, stride: 1, pad: 1, channels: [16, 16] },
  { batch: 4, size: 16, kernel: 3, stride: 2, pad: 1, channels: [16, 32] },
  { batch: 2, size: 32, kernel: 3, stride: 2, pad: 1, channels: [16, 16] },
  { batch: 4, size: 16, kernel: 1, stride: 2, pad: 0, channels: [16, 16] },
  { batch: 2, size: 16, kernel: 1, stride: 1, pad: 0, channels: [16, 16] },
  { batch: 4, size: 16, kernel: 5, stride: 2, pad: 2, channels: [3, 16] },
  { batch: 4, size: 8, kernel: 5, stride: 1, pad: 2, channels: [16, 16] },
  { batch: 2, size: 21, kernel: 3, stride: 1, pad: 0, channels: [16, 16] },
  { batch: 4, size: 8, kernel: 3, stride: 1, pad: 1, channels: [128, 128] },
  { batch: 4, size: 16, kernel: 3, stride: 2, pad: 1, channels: [128, 128] },
  { batch: 2, size: 12, kernel: 7, stride: 2, pad: 3, channels: [16, 32] },
  { batch: 2, size: 12, kernel: 2, stride: 2, pad: 0, channels: [32, 16] },
  { batch: 2, size: 12, kernel: 2, stride: 3, pad: 0, channels: [16, 16] },
  { batch: 2, size: 12, kernel: 3, stride: 3, pad: 2, channels: [16, 16] },
  { batch: 2, size: 12, kernel: 5, stride: 3, pad: 0, channels: [16, 16] },
  { batch: 2, size: 13, kernel: 3, stride: 2, pad: 1, channels: [16, 16] },
].map(({ batch, size, kernel, stride, pad, channels: [from, to] }) => ({
  name: `the filter ${kernel}x${kernel} stride ${stride} pad ${pad}, ${batch} of ${size}, ${from} to ${to}`,
  shapes: [
    [batch, size, size, from!],
    [kernel, kernel, from!, to!],
  ],
  apply: ([x, filter]) => conv(x!, filter!, stride, pad),
}));

/** Cotangents of filters that read signals in blocks, of one block of channels and of several. */
const second: readonly Case[] = [16, 32].map((channels) => ({
  name: `the second of two filters on ${channels} channels`,
  shapes: [
    [2, 16, 16, 16],
    [3, 3, 16, channels],
    [3, 3, channels, 16],
  ],
  apply: ([x, first, next]) => conv(tf.relu(conv(x!, first!)), next!),
}));

const image = [2, 6, 6, 16];
const kernel = [3, 3, 16, 16];
const vector = [16];

/** What follows a convolution: it joins its node, or becomes a node a channel. */
const chains: readonly Case[] = (
  [
    ["a ReLU", (y) => tf.relu(y)],
    ["a sum", (y, x) => tf.add(y, x)],
    ["a sum on the left", (y, x) => tf.add(x, y)],
    ["a difference", (y, x) => tf.sub(y, x)],
    ["a difference from the left", (y, x) => tf.sub(x, y)],
    ["a sum and a ReLU", (y, x) => tf.relu(tf.add(y, x))],
    ["itself", (y) => tf.add(y, y)],
    ["a factor a channel", (y, _, v) => tf.mul(y, v)],
    ["a number a channel", (y, _, v) => tf.add(y, v)],
    ["a bias, a sum and a ReLU", (y, x, v) => tf.relu(tf.add(x, tf.add(y, v)))],
    ["a bias and a factor", (y, _, v) => tf.mul(tf.add(y, v), v)],
    ["less a number a channel", (y, _, v) => tf.sub(y, v)],
    ["a number a channel less the signal", (y, _, v) => tf.sub(v, y)],
    ["a factor", (y) => tf.mul(y, 0.6)],
    ["a number", (y) => tf.sub(1.3, y)],
    ["scale, shift and ReLU", (y, _, v) => tf.relu(tf.add(tf.mul(tf.sub(y, v), v), 0.6))],
    [
      "scale and shift, used twice",
      (y, _, v) => {
        const z = tf.add(tf.mul(y, v), v);
        return tf.mul(tf.relu(z), z);
      },
    ],
    ["scale, shift and a sum", (y, x, v) => tf.add(x, tf.add(tf.mul(y, v), v))],
    ["a signal less scale and shift", (y, x, v) => tf.sub(x, tf.add(tf.mul(y, v), v))],
    ["a number for each sample and channel", (y) => tf.mul(y, tf.mean(y, [1, 2], true))],
    ["a repeated mean", (y) => tf.mul(y, tf.broadcastTo(tf.mean(y, [1, 2], true), image))],
    ["batch statistics", (y) => tf.mul(tf.sub(y, tf.mean(y, [0, 1, 2])), tf.sum(y, [0, 1, 2]))],
    ["a comparison", (y, x) => tf.where(tf.greater(y, x), y, x)],
    ["a reduction over channels", (y) => tf.max(y, 3)],
    ["another convolution", (y, _, __, f) => conv(tf.relu(y), f)],
    ["a strided convolution", (y, _, __, f) => conv(tf.relu(y), f, 2)],
    ["a pool", (y) => tf.maxPool(y as tf.Tensor4D, 2, 2, 0)],
    ["every second pixel", (y) => tf.avgPool(y as tf.Tensor4D, 1, 2, 0)],
    ["every fourth pixel, of which six leave two", (y) => tf.avgPool(y as tf.Tensor4D, 1, 4, 0)],
    ["a join along channels", (y, x) => tf.concat([y, x, y], 3)],
    ["zeros around", (y) => tf.pad(y, [[0, 0], [1, 2], [0, 1], [0, 3]])], // biome-ignore format: pairs
    ["a part", (y) => tf.slice(y, [0, 1, 2, 3], [2, 3, 4, 5])],
    ["another shape", (y) => tf.reshape(y, [-1, 3])],
    ["a transposition", (y) => tf.transpose(y, [3, 0, 2, 1])],
  ] satisfies readonly [
    string,
    (y: tf.Tensor, x: tf.Tensor, v: tf.Tensor, f: tf.Tensor) => tf.Tensor,
  ][]
).map(([name, follow]) => ({
  name: `a convolution and ${name}`,
  shapes: [image, kernel, image, vector],
  apply: ([x, f, other, v]) => follow(conv(x!, f!), conv(other!, f!), v!, f!),
}));

function answers({ shapes, apply }: Case): Float32Array[] {
  const inputs = () => shapes.map((shape, i) => values(shape, i + 1, -0.5, 0.5));
  return answersFor(inputs, (given) => withInputs(apply, given));
}

/** Cotangents add up over a batch of pixels in another order, some 1e-6 apart. */
const tolerance = 1e-4;

const reference = new Map<string, Float32Array[]>();

beforeAll(async () => {
  await useBackend("wasm");
  for (const one of [...filters, ...second, ...chains]) reference.set(one.name, answers(one));
  await useBackend("onnx");
});

describe("in blocks of channels", () => {
  test.each([...filters, ...second, ...chains].map((one) => [one.name, one] as const))(
    "value and cotangents are right for %s",
    (name, one) => {
      for (const [i, found] of answers(one).entries()) {
        expect(differenceOf(reference.get(name)![i]!, found)).toBeLessThan(tolerance);
      }
    },
  );
});
