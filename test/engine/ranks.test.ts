import { beforeAll, describe, expect, test } from "vitest";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { differenceOf } from "./parts/answers.js";
import { values } from "./parts/operations.js";

type Call = readonly [string, (x: tf.Tensor) => tf.Tensor];

const float = (x: tf.Tensor): tf.Tensor => tf.cast(x, "float32");

/** The axes backwards. */
const turned = (x: tf.Tensor): tf.Tensor => tf.transpose(x);

const last = (x: tf.Tensor): number => x.rank - 1;

/** Operations of any rank, each on the value of another. */
const anyRank: readonly Call[] = [
  ["add", (x) => tf.add(tf.mul(x, 0.6), x)],
  ["negative square", (x) => tf.neg(tf.square(tf.add(x, 0.3)))],
  ["exp less 1, log of 1 more", (x) => tf.log1p(tf.abs(tf.expm1(x)))],
  ["sine and its angle", (x) => tf.asin(tf.mul(0.6, tf.sin(x)))],
  ["hyperbolic functions", (x) => tf.sub(tf.cosh(x), tf.sinh(x))],
  ["leaky unit", (x) => tf.prelu(tf.add(x, 0), tf.scalar(0.3))],
  ["relu6 and step", (x) => tf.add(tf.relu6(tf.mul(x, 8)), tf.step(x, 0.3))],
  ["questions", (x) => float(tf.logicalAnd(tf.isFinite(tf.div(1, x)), tf.isNaN(tf.sqrt(x))))],
  ["choice", (x) => tf.where(tf.greater(tf.sub(x, 0.1), 0), x, tf.neg(x))],
  ["quotient", (x) => float(tf.floorDiv(tf.mul(x, 10), tf.scalar(3)))],
  ["remainder", (x) => tf.mod(tf.mul(x, 10), tf.scalar(0.7))],
  ["whole numbers", (x) => float(tf.square(tf.cast(tf.mul(x, 10), "int32")))],
  ["sum of all", (x) => tf.sum(tf.add(x, 1))],
  ["mean of all", (x) => tf.mean(tf.add(x, 1))],
  ["largest", (x) => tf.max(tf.add(x, 1))],
  ["whole sum of all", (x) => float(tf.sum(tf.cast(tf.mul(x, 10), "int32")))],
  ["any, all", (x) => float(tf.logicalXor(tf.any(tf.greater(x, 1)), tf.all(tf.less(x, 1))))],
  ["axes backwards", (x) => turned(tf.add(x, 1))],
  ["reversed", (x) => tf.reverse(tf.add(x, 1))],
  ["expanded", (x) => tf.mul(tf.expandDims(tf.add(x, 1), 0), 0.6)],
  [
    "one-hot rows",
    (x) => float(tf.oneHot(tf.cast(tf.abs(tf.mul(x, 3)), "int32") as tf.Tensor1D, 3)),
  ],
];

/** Operations that need an axis. */
const someRank: readonly Call[] = [
  ["sum over the last axis", (x) => tf.sum(tf.add(x, 1), last(x))],
  ["mean over the first axis, kept", (x) => tf.mean(tf.add(x, 1), 0, true)],
  ["any over the first axis", (x) => float(tf.any(tf.greater(tf.add(x, 0.3), 1), 0))],
  [
    "whole maximum over the last axis",
    (x) => float(tf.max(tf.cast(tf.mul(x, 10), "int32"), last(x))),
  ],
  ["place of the largest", (x) => float(tf.argMax(tf.add(x, 1), 0))],
  ["place of the smallest", (x) => float(tf.argMin(tf.add(x, 1), last(x)))],
  ["running sum", (x) => tf.cumsum(tf.add(x, 1), last(x), true, true)],
  ["the two ends", (x) => tf.gather(tf.add(x, 1), tf.tensor1d([x.shape[0]! - 1, 0], "int32"))],
  [
    "the largest entry and its place",
    (x) => {
      const { values: largest, indices } = tf.topk(tf.add(x, 1), 1);
      return tf.add(largest, float(indices));
    },
  ],
  [
    "segments",
    (x) => {
      const ids = tf.tensor1d(
        Array.from({ length: x.shape[0]! }, (_, i) => (i * i) % 3),
        "int32",
      );
      return tf.unsortedSegmentSum(tf.add(x, 1), ids, 2);
    },
  ],
  [
    "padded",
    (x) =>
      tf.pad(
        tf.add(x, 1),
        x.shape.map((_, i): [number, number] => [i, 1]),
        0.6,
      ),
  ],
  [
    "repeated",
    (x) =>
      tf.tile(
        tf.add(x, 1),
        x.shape.map((_, i) => 1 + (i % 2)),
      ),
  ],
  ["joined", (x) => tf.concat([tf.add(x, 1), x], last(x))],
  ["stacked", (x) => tf.stack([tf.add(x, 1), x], 1)],
  ["softmax", (x) => tf.softmax(tf.add(x, 1))],
  [
    "placed by coordinates",
    (x) => {
      const places = tf.tensor2d([[x.shape[0]! - 1], [0], [0]], [3, 1], "int32");
      return tf.scatterND(places, tf.gatherND(tf.add(x, 1), places), [
        x.shape[0]! + 1,
        ...x.shape.slice(1),
      ]);
    },
  ],
];

const shapes: readonly number[][] = [
  [],
  [1],
  [7],
  [1, 1],
  [5, 7],
  [1, 6, 1],
  [3, 5, 7],
  [1, 1, 1, 1],
  [3, 5, 7, 6],
  [2, 1, 1, 16],
  [2, 3, 1, 5, 4],
];

const cases = shapes.flatMap((shape) =>
  [...anyRank, ...(shape.length > 0 ? someRank : [])].map(
    ([name, apply]) => [`${name} of [${shape}]`, shape, apply] as const,
  ),
);

interface Answer {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

function answer(shape: number[], apply: Call[1]): Answer {
  let read: Answer | undefined;
  tf.tidy(() => {
    const y = apply(values(shape, 3));
    read = { shape: y.shape, values: y.dataSync<"float32">().slice() };
  });
  return read!;
}

const reference = new Map<string, Answer>();

beforeAll(async () => {
  await useBackend("cpu");
  for (const [name, shape, apply] of cases) reference.set(name, answer(shape, apply));
});

describe("tensors of every rank on onnx", () => {
  beforeAll(() => useBackend("onnx"));

  test.each(cases)("%s is what plain JavaScript says", (name, shape, apply) => {
    const expected = reference.get(name)!;
    const measured = answer(shape, apply);
    expect(measured.shape).toEqual(expected.shape);
    // A few roundings of 32-bit floats.
    expect(differenceOf(expected.values, measured.values)).toBeLessThan(1e-5);
  });
});
