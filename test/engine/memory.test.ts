import { freemem, totalmem } from "node:os";
import { describe, expect, test } from "vitest";
import { availableMemory } from "../../src/engine/memory.js";
import * as tf from "../../src/engine/tf.js";
import { comparedBackends, describeBackends } from "./parts/backends.js";
import { values } from "./parts/operations.js";

/** Value and cotangents of a small residual net; every tensor made on the way is freed. */
function evaluate(x: tf.Tensor4D, filter: tf.Tensor4D): number {
  return tf.tidy(() => {
    const loss = (image: tf.Tensor, weights: tf.Tensor): tf.Scalar => {
      const branch = tf.relu(tf.conv2d(image as tf.Tensor4D, weights as tf.Tensor4D, 1, 1));
      const pooled = tf.maxPool(tf.add(branch, image) as tf.Tensor4D, 2, 2, 0);
      return tf.sum(tf.square(pooled));
    };
    const [dx, dw] = tf.grads(loss)([x, filter]);
    return tf.add(tf.sum(dx!), tf.sum(dw!)).dataSync()[0]!;
  });
}

interface Load {
  readonly batch: number;
  readonly channels: number;
  readonly evaluations: number;
  readonly tolerated: number;
}

/** 300 evaluations move some 2 GB of tensors; what grows by a twentieth of that is a leak. */
const usual: Load = { batch: 8, channels: 32, evaluations: 300, tolerated: 100 * 2 ** 20 };

/** A GPU in software takes its time; 120 evaluations move some 60 MB, which all may be on it. */
const small: Load = { batch: 4, channels: 8, evaluations: 120, tolerated: 25 * 2 ** 20 };

const body = (name: string) => {
  test("stays flat over hundreds of evaluations with their cotangents", () => {
    const { batch, channels, evaluations, tolerated } = name === "webgpu" ? small : usual;
    const x = values([batch, 16, 16, channels], 1) as tf.Tensor4D;
    const filter = values([3, 3, channels, channels], 2) as tf.Tensor4D;
    for (let i = 0; i < evaluations / 6; i++) evaluate(x, filter);
    const tensors = tf.memory().numTensors;
    const resident = process.memoryUsage.rss();
    for (let i = 0; i < evaluations; i++) evaluate(x, filter);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(tf.memory().numDataBuffers).toBeLessThanOrEqual(tensors);
    expect(process.memoryUsage.rss() - resident).toBeLessThan(tolerated);
    tf.dispose([x, filter]);
  });
};

describeBackends((name) => `memory on ${name}`, body, comparedBackends);

describe("available memory", () => {
  test("is positive and not more than the machine has", () => {
    expect(availableMemory()).toBeGreaterThan(0);
    expect(availableMemory()).toBeLessThanOrEqual(Math.min(totalmem(), freemem() * 1.5));
  });
});
