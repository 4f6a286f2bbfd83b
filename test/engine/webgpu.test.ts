import { readFileSync } from "node:fs";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import spp from "../../src/analyses/spp.js";
import { initialize } from "../../src/architectures/parts/network.js";
import { fold, keyOf, normal } from "../../src/core/random.js";
import { parseOptions } from "../../src/core/schema.js";
import type { OnnxBackend } from "../../src/engine/backends/onnx/backend.js";
import { counters, evaluate, freeze, resetCounters, thaw } from "../../src/engine/evaluation.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { buildOne } from "../../src/experiment/resolve.js";
import { describeBackends } from "./parts/backends.js";
import { values } from "./parts/operations.js";

const four = (x: tf.Tensor): tf.Tensor4D => x as tf.Tensor4D;

/** Class scores of a net of two convolutions, a shortcut, max pooling and a dense layer. */
function scores(image: tf.Tensor, [first, second, dense]: readonly tf.Tensor[]): tf.Tensor {
  const stem = tf.relu(tf.conv2d(four(image), four(first!), 1, 1));
  const pooled = tf.maxPool(four(stem), 3, 2, 1);
  const branch = tf.conv2d(tf.relu(pooled), four(second!), 1, 1);
  return tf.matMul(tf.mean(tf.add(pooled, tf.mul(branch, 0.6)), [1, 2]), dense!);
}

/** A dense layer of 80 weights, so that all three stay on a GPU. */
const shapes = [
  [3, 3, 3, 8],
  [3, 3, 8, 8],
  [8, 10],
];

const imageBytes = 4 * 4 * 8 * 8 * 3;
const classBytes = 4 * 4 * 10;
const weightBytes = 4 * (9 * 3 * 8 + 9 * 8 * 8 + 8 * 10);

function lossOf(image: tf.Tensor, classes: tf.Tensor, weights: readonly tf.Tensor[]): tf.Scalar {
  const surprise = tf.neg(tf.logSoftmax(scores(image, weights)));
  return tf.mean(tf.sum(tf.mul(surprise, classes), 1));
}

interface Trained {
  readonly losses: readonly number[];
  readonly weights: readonly Float32Array[];
  /** What the last step moved into and out of graphs, and graphs that a GPU had not whole. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly split: number;
}

/** Some steps with momentum on one batch. */
function train(steps: number): Trained {
  const image = values([4, 8, 8, 3], 11);
  const classes = tf.softmax(values([4, 10], 12));
  classes.dataSync();
  const weights = shapes.map((shape, i) => tf.variable(tf.mul(values(shape, i + 1), 0.3)));
  const optimizer = tf.train.momentum(0.1, 0.9);
  let split = 0;
  const losses = Array.from({ length: steps }, () => {
    resetCounters();
    const loss = optimizer.minimize(() => lossOf(image, classes, weights), true, weights)!;
    const found = loss.dataSync()[0]!;
    loss.dispose();
    split += counters().split;
    return found;
  });
  const { bytesIn, bytesOut } = counters();
  const read = weights.map((one) => one.dataSync<"float32">().slice());
  tf.dispose([image, classes, ...weights]);
  optimizer.dispose();
  return { losses, weights: read, bytesIn, bytesOut, split };
}

/** Largest difference, relative to the largest entry. */
function difference(a: Float32Array, b: Float32Array): number {
  const scale = a.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0) / scale;
}

/** Rows of an SPP of a small ResNet with a projection and a strided block. */
async function propagation(): Promise<readonly number[]> {
  const { network } = await buildOne("resnet:input=cifar,depth=8,size=8,shortcut=projection");
  const parameters = initialize(network, keyOf(5));
  const count = 2;
  const images = Float32Array.from(normal(fold(keyOf(11), "images"), count * 8 * 8 * 3));
  const labels = Int32Array.from([3, 7]);
  const batch = { count, shape: [8, 8, 3], images, labels };
  const found: number[] = [];
  const options = parseOptions(spp.options, {}, "spp");
  for await (const row of spp.measure({ network, parameters, batch }, options, keyOf(2))) {
    found.push(row.value);
  }
  tf.dispose(Object.values(parameters));
  return found;
}

/** Convolutions of these numbers of channels, each to these. */
const inputs = Array.from({ length: 22 }, (_, i) => i + 1);
const outputs = [3, 4, 6, 8];

function convolved(from: number, to: number): Float32Array {
  return tf.tidy(() => {
    const image = values([2, 5, 4, from], 1);
    const filter = values([3, 3, from, to], 2);
    return tf.conv2d(four(image), four(filter), 1, 1).dataSync<"float32">().slice();
  });
}

function convolvedDepthwise(channels: number, multiplier: number): Float32Array {
  return tf.tidy(() => {
    const image = values([2, 5, 4, channels], 1);
    const filter = values([3, 3, channels, multiplier], 2);
    return tf.depthwiseConv2d(four(image), four(filter), 1, 1).dataSync<"float32">().slice();
  });
}

const pairs = inputs.flatMap((from) => outputs.map((to) => [from, to] as const));
const multipliers = [1, 2, 3, 4, 5, 6, 7, 8];
const key = (...parts: readonly number[]): string => parts.join(" to ");

const expected = {
  trained: undefined as Trained | undefined,
  rows: [] as readonly number[],
  convolved: new Map<string, Float32Array>(),
  depthwise: new Map<number, Float32Array>(),
};

beforeAll(async () => {
  await useBackend("cpu");
  expected.trained = train(6);
  for (const [from, to] of pairs) expected.convolved.set(key(from, to), convolved(from, to));
  for (const each of multipliers) expected.depthwise.set(each, convolvedDepthwise(6, each));
  await useBackend("onnx");
  expected.rows = await propagation();
});

const onGpu = () => {
  const backend = (): OnnxBackend => tf.backend() as OnnxBackend;

  beforeEach(() => {
    backend().clear();
    resetCounters();
  });

  test("the whole signal propagation of a ResNet is placed on the GPU, and agrees", async () => {
    const found = await propagation();
    expect(counters()).toMatchObject({ split: 0 });
    expect(counters().compiled).toBeGreaterThan(0);
    for (const [i, row] of expected.rows.entries()) {
      // Roundings through eight layers and back; means of squares that are 0 come out near it.
      expect(Math.abs(found[i]! - row)).toBeLessThan(1e-5 * Math.abs(row) + 1e-9);
    }
  });

  test("training takes the same steps as plain JavaScript, none of it on the CPU", () => {
    const { losses, weights, split } = train(6);
    const trained = expected.trained!;
    // A few roundings a step, which the steps carry on.
    expect(difference(Float32Array.from(trained.losses), Float32Array.from(losses))).toBeLessThan(
      1e-5,
    );
    for (const [i, one] of trained.weights.entries()) {
      expect(difference(one, weights[i]!)).toBeLessThan(1e-5);
    }
    expect(split).toBe(0);
  });

  test("what training changes stays in the GPU's memory", () => {
    const { bytesIn, bytesOut } = train(6);
    expect(weightBytes).toBeGreaterThan(3000);
    expect(bytesIn).toBe(imageBytes + classBytes);
    // The loss.
    expect(bytesOut).toBe(4);
  });

  test("what stays there survives its graph, and is read, shared, frozen and freed", () => {
    const doubled = tf.variable(values([80], 3));
    const before = doubled.dataSync<"float32">().slice();
    const views: tf.Tensor[] = [];
    for (let step = 0; step < 8; step++) {
      const twice = tf.tidy(() => tf.mul(doubled, 2));
      doubled.assign(twice);
      twice.dispose();
      const sum = tf.sum(doubled);
      evaluate([sum]);
      sum.dispose();
      if (step === 2) views.push(tf.reshape(doubled, [8, 10]));
      if (step === 4) backend().clear();
      if (step === 5) expect(doubled.dataSync()[7]).toBe(before[7]! * 64);
      if (step === 6) freeze([doubled]);
      if (step === 6) thaw([doubled]);
    }
    expect([...doubled.dataSync()]).toEqual([...before].map((one) => one * 256));
    expect([...views[0]!.dataSync()]).toEqual([...before].map((one) => one * 8));
    tf.dispose([doubled, ...views]);
  });

  test("an operation that the provider lacks is left to the CPU, and counted", () => {
    const rounded = tf.tidy(() => tf.round(tf.mul(tf.tensor1d([0.6, -1.3, 2.5]), 1.5)).dataSync());
    expect([...rounded]).toEqual([1, -2, 4]);
    expect(counters().split).toBe(1);
  });

  test("convolutions of every number of channels are right", () => {
    for (const [from, to] of pairs) {
      const right = expected.convolved.get(key(from, to))!;
      // Sums of 200 terms in another order.
      expect(difference(right, convolved(from, to)), key(from, to)).toBeLessThan(1e-5);
    }
  });

  test("convolutions with several filters a channel are right", () => {
    for (const each of multipliers) {
      const right = expected.depthwise.get(each)!;
      expect(difference(right, convolvedDepthwise(6, each)), `${each}`).toBeLessThan(1e-6);
    }
  });
};

describeBackends((name) => `graphs on ${name}`, onGpu, ["webgpu"]);

describe("ONNX Runtime", () => {
  test.runIf(process.platform === "linux")("opens no record of its use", async () => {
    await useBackend("onnx");
    tf.tidy(() => tf.relu(values([3], 1)).dataSync());
    const open = readFileSync("/proc/self/maps", "utf8");
    expect(open).toMatch(/libonnxruntime/);
    expect(open).not.toMatch(/onnxruntime\.db/);
  });
});
