import { beforeAll, describe, expect, test, vi } from "vitest";
import { propagate } from "../../../src/analyses/parts/propagate.js";
import type { PassSettings } from "../../../src/analyses/parts/propagation-pass.js";
import { initialize } from "../../../src/architectures/parts/network.js";
import resnet from "../../../src/architectures/resnet.js";
import type { Statistics } from "../../../src/core/moments.js";
import { statisticNames } from "../../../src/core/moments.js";
import { fold, keyOf, normal } from "../../../src/core/random.js";
import { counters, resetCounters } from "../../../src/engine/evaluation.js";
import { useBackend } from "../../../src/engine/index.js";
import { onEngineWarning } from "../../../src/engine/warnings.js";

beforeAll(() => useBackend("onnx"));

const key = keyOf(7);
function subjectOf(batchNorm: boolean, count = 6) {
  const given = { depth: 8, input: "cifar", size: 16, classes: 10, batchNorm };
  const network = resnet.build(resnet.options.parse(given));
  const images = Float32Array.from(normal(fold(key, "images"), count * 16 * 16 * 3));
  const labels = Int32Array.from({ length: count }, (_, n) => (3 * n) % 10);
  return {
    network,
    parameters: initialize(network, fold(key, "init")),
    batch: { images, labels, count, shape: [16, 16, 3] },
  };
}

const settings: PassSettings = { cotangent: "loss", batchStatistics: "batch", dropout: "off" };

/** Largest relative difference of any statistic or its error, over all signals. */
function difference(
  a: ReadonlyMap<string, Statistics>,
  b: ReadonlyMap<string, Statistics>,
): number {
  expect([...a.keys()]).toEqual([...b.keys()]);
  const numbers = (all: ReadonlyMap<string, Statistics>): number[] =>
    [...all.values()].flatMap((one) =>
      statisticNames.flatMap((name) => [one[name].value, one[name].standardError ?? 0]),
    );
  const [first, second] = [numbers(a), numbers(b)];
  const scale = (i: number): number => Math.max(Math.abs(first[i]!), 1e-12);
  return Math.max(...first.map((value, i) => Math.abs(value - second[i]!) / scale(i)));
}

describe.each(["plain", "careful"] as const)("a pass read in the %s manner", (manner) => {
  const pass = { manner, exponent: 3 };

  test.each(["loss", "gaussian"] as const)(
    "gives the same in parts of the batch as at once, the %s cotangent's gradients too",
    async (cotangent) => {
      const subject = subjectOf(false);
      const given = { ...settings, cotangent };
      const heard = vi.fn();
      const stop = onEngineWarning(heard);
      resetCounters();
      const whole = await propagate(subject, given, pass, key);
      expect(counters().runs).toBe(1);
      const parts = await propagate(subject, given, pass, key, 1e6);
      stop();
      expect(counters().runs).toBeGreaterThan(2);
      // Means in float32 differ by 1e-7, standard errors are differences of such.
      expect(difference(whole, parts)).toBeLessThan(2e-4);
    },
  );

  test("gives the same part by part of the network, where batch norm couples samples", async () => {
    const subject = subjectOf(true);
    resetCounters();
    const whole = await propagate(subject, settings, pass, key);
    expect(counters().runs).toBe(1);
    const parts = await propagate(subject, settings, pass, key, 1e6);
    expect(counters().runs).toBeGreaterThan(10);
    expect(difference(whole, parts)).toBeLessThan(2e-4);
  });
});

test("says once that a batch is cut, and into what", async () => {
  const subject = subjectOf(false, 5);
  const heard: string[] = [];
  const stop = onEngineWarning((text) => void heard.push(text));
  for (let i = 0; i < 2; i++) {
    await propagate(subject, settings, { manner: "plain", exponent: 3 }, key, 0.8e6);
  }
  stop();
  expect(heard).toHaveLength(1);
  expect(heard[0]).toMatch(
    /^batch 5 needs about \d+ kB, 560 kB may be used: measured in \d parts of \d images$/,
  );
});
