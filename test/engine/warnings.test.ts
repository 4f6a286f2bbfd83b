import { beforeAll, expect, test, vi } from "vitest";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { engineWarning, onEngineWarning } from "../../src/engine/warnings.js";

beforeAll(() => useBackend("onnx"));

/** What is told while something runs. */
function toldDuring(work: () => void): string[] {
  const told: string[] = [];
  const stop = onEngineWarning((text) => told.push(text));
  try {
    work();
  } finally {
    stop();
  }
  return told;
}

const waiting = (): tf.Tensor => tf.add(tf.tensor1d([0.6, 1.3, -0.6]), 1);

test("a kernel that interrupts a graph is named once, with its inputs, and is right", () => {
  const twice = (): void => {
    for (let i = 0; i < 2; i++) {
      const y = tf.cumprod(waiting()).dataSync();
      expect(y[2]).toBeCloseTo(1.6 * 2.3 * 0.4, 5);
    }
  };
  const told = toldDuring(twice);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/^Cumprod of float32 \[3\] runs in JavaScript on the backend onnx/);
  expect(toldDuring(twice)).toEqual([]);
});

test("kernels that make tensors or read known ones say nothing", () => {
  const told = toldDuring(() => {
    const known = tf.tensor1d([2, 1, 3]);
    tf.linspace(0, 1, 5).dataSync();
    tf.range(0, 5).dataSync();
    tf.diag(known).dataSync();
    tf.unique(known).values.dataSync();
    tf.cumprod(known).dataSync();
  });
  expect(told).toEqual([]);
});

test("without a listener a warning is the process's, once", () => {
  const emit = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  engineWarning("a subject of this test", "the text");
  engineWarning("a subject of this test", "the text");
  expect(emit.mock.calls).toEqual([["the text", "EngineWarning"]]);
  emit.mockRestore();
});

test("what JavaScript made and what it was given stay as they are", () => {
  const x = tf.tensor1d([0.6, 1.3, -0.6]);
  const before = x.dataSync().slice();
  const made = tf.cumprod(x);
  const first = made.dataSync().slice();
  tf.tensorScatterUpdate(x, tf.tensor2d([[1]], [1, 1], "int32"), tf.tensor1d([7])).dataSync();
  tf.cumprod(made).dataSync();
  expect(x.dataSync()).toEqual(before);
  expect(made.dataSync()).toEqual(first);
});

test("text passes through JavaScript", () => {
  const words = tf.tensor1d(["ab", "c", "ab"]);
  expect(tf.unique(words).values.dataSync()).toEqual(["ab", "c"]);
  expect(tf.concat([words, words]).dataSync()).toEqual(["ab", "c", "ab", "ab", "c", "ab"]);
});
