import { beforeAll, describe, expect, it } from "vitest";
import isonet from "../../src/architectures/isonet.js";
import { initialize, runNetwork } from "../../src/architectures/parts/network.js";
import { regularisedConvolutions } from "../../src/architectures/parts/regularised.js";
import risonet from "../../src/architectures/r-isonet.js";
import { keyOf } from "../../src/core/random.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import type { Context } from "../../src/layers/layer.js";
import { built, countsOf, meanSquare, noise, recording, signalsOf } from "../support/signals.js";

beforeAll(async () => {
  await useBackend("cpu");
});

describe("r-isonet's size", () => {
  it.each([
    [18, 11_683_824, 1.8141],
    [34, 21_788_280, 3.6638],
    [50, 25_526_648, 4.0892],
  ])("is that of the authors' network at depth %i on ImageNet", (depth, parameters, gigaMacs) => {
    const counts = countsOf(built(risonet, { depth }));
    expect(counts.parameters).toBe(parameters);
    expect((counts.macs / 1e9).toFixed(4)).toBe(gigaMacs.toFixed(4));
  });

  it.each([
    [20, 271_603, 40.813],
    [32, 465_593, 69.125],
    [38, 562_588, 83.281],
    [56, 853_573, 125.748],
  ])("is that of the authors' network at depth %i on CIFAR", (depth, parameters, megaMacs) => {
    const counts = countsOf(built(risonet, { depth }));
    expect(counts.parameters).toBe(parameters);
    expect((counts.macs / 1e6).toFixed(3)).toBe(megaMacs.toFixed(3));
    expect(countsOf(built(risonet, { depth, classes: 100 })).parameters).toBe(parameters + 5850);
  });

  it.each([
    [18, 19],
    [34, 35],
    [50, 52],
    [101, 103],
    [20, 20],
    [56, 56],
  ])("has the penalty read projections too: at depth %i there are %i kernels", (depth, count) => {
    expect(regularisedConvolutions(built(risonet, { depth }))).toHaveLength(count);
  });
});

describe("r-isonet at the start", () => {
  it.each([
    ["basic", { depth: 20, size: 16 }],
    ["bottleneck", { depth: 29, input: "cifar", block: "bottleneck", size: 8 }],
  ] as const)("is isonet bit by bit, in logits and every block: %s", (_, options) => {
    const one = signalsOf(built(isonet, options));
    const other = signalsOf(built(risonet, options));
    const shared = Object.keys(one).filter((name) =>
      /^(stem|blocks\.\d+|features|logits)$/.test(name),
    );
    expect(shared).toContain("logits");
    for (const name of shared) {
      // Sums with -0 may turn its sign: +0 and -0 are one number.
      const unsigned = (x: tf.Tensor) => Float32Array.from(x.dataSync(), (v) => v + 0);
      expect(unsigned(other[name]!)).toEqual(unsigned(one[name]!));
    }
  });

  it("has branches that contribute 0", () => {
    const signals = signalsOf(built(risonet, risonet.quick));
    expect(meanSquare(signals["blocks.1.branch"]!.dataSync())).toBe(0);
    expect(meanSquare(signals["blocks.1.shortcut"]!.dataSync())).toBeGreaterThan(0);
  });

  it("keeps the gradient bit by bit where theory says that a block's backward gain is 1", () => {
    const network = built(risonet, { depth: 20, size: 8 });
    const gradients = gradientsAtBlocks(network);
    const exact = network.blocks.flatMap(({ theory }, k) => (theory?.backward ? [k] : []));
    expect(exact).toEqual([0, 1, 4, 7]);
    for (const k of exact.filter((index) => index > 0)) {
      expect(gradients[k - 1]!).toEqual(gradients[k]!);
      expect(meanSquare(gradients[k]!)).toBeGreaterThan(0);
    }
  });
});

/** Gradient of the first logit by every block's output, in the order of the blocks. */
function gradientsAtBlocks(network: ReturnType<typeof built>): readonly Float32Array[] {
  const parameters = initialize(network, keyOf(5));
  const x = noise(network, 2);
  const signals: Record<string, tf.Tensor> = {};
  runNetwork(network, parameters, x, recording(signals));
  const names = network.blocks.map((_, k) => `blocks.${k}`);
  const shifts = names.map((name) => tf.zerosLike(signals[name]!));
  const firstLogit = (...added: tf.Tensor[]): tf.Scalar => {
    const context: Context = {
      ...recording({}),
      tap: (name, y) => (names.includes(name) ? tf.add(y, added[names.indexOf(name)]!) : y),
    };
    return tf.sum(tf.slice(runNetwork(network, parameters, x, context), [0, 0], [2, 1]));
  };
  return tf
    .grads(firstLogit)(shifts)
    .map((g) => g.dataSync() as Float32Array);
}

describe("r-isonet's options", () => {
  it("counts one scalar a block, none with scalar=none", () => {
    const counts = (options: object) =>
      countsOf(built(risonet, { depth: 20, ...options })).parameters;
    expect(counts({}) - counts({ scalar: "none" })).toBe(9);
  });

  it("starts the last batch norm of every branch at 0", () => {
    const network = built(risonet, { ...risonet.quick, batchNorm: true, scalar: "none" });
    expect(meanSquare(signalsOf(network)["blocks.0.branch"]!.dataSync())).toBe(0);
  });

  it("learns scalars at a tenth of the rate and decays them", () => {
    const recipe = risonet.recipe!(risonet.options.parse({ depth: 50 }));
    expect(recipe.learningRate).toBe(0.1);
    expect(recipe.groups).toContainEqual({ roles: ["scale"], learningRateFactor: 0.1 });
  });
});
