import { beforeAll, describe, expect, it } from "vitest";
import isonet from "../../src/architectures/isonet.js";
import { regularisedConvolutions } from "../../src/architectures/parts/regularised.js";
import { UserError } from "../../src/core/errors.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import {
  averageChannelVariance,
  built,
  countsOf,
  meanSquare,
  signalsOf,
} from "../support/signals.js";

beforeAll(async () => {
  await useBackend("cpu");
});

describe("isonet's size", () => {
  it.each([
    [18, 11_511_784, 1.7948],
    [34, 21_616_232, 3.6445],
    [50, 22_757_736, 3.7295],
  ])("is that of the authors' network at depth %i on ImageNet", (depth, parameters, gigaMacs) => {
    const counts = countsOf(built(isonet, { depth }));
    expect(counts.parameters).toBe(parameters);
    expect((counts.macs / 1e9).toFixed(4)).toBe(gigaMacs.toFixed(4));
  });

  it.each([
    [20, 269_034, 40.551],
    [32, 463_018, 68.863],
    [38, 560_010, 83.018],
    [56, 850_986, 125.486],
  ])("is that of the authors' network at depth %i on CIFAR", (depth, parameters, megaMacs) => {
    const counts = countsOf(built(isonet, { depth }));
    expect(counts.parameters).toBe(parameters);
    expect((counts.macs / 1e6).toFixed(3)).toBe(megaMacs.toFixed(3));
    expect(countsOf(built(isonet, { depth, classes: 100 })).parameters).toBe(parameters + 5850);
  });

  it("is that of the bottleneck network of depth 29 on CIFAR", () => {
    const network = built(isonet, isonet.presets["cifar-bottleneck-29"]);
    expect(countsOf(network).parameters).toBe(13_089_034);
    expect((countsOf(network).macs / 1e9).toFixed(4)).toBe("2.0067");
    const hundred = built(isonet, { ...isonet.presets["cifar-bottleneck-29"], classes: 100 });
    expect(countsOf(hundred).parameters).toBe(13_181_284);
  });
});

describe("isonet's penalty", () => {
  it.each([
    [18, 16],
    [34, 32],
    [50, 48],
    [101, 99],
    [20, 18],
    [56, 54],
    [110, 108],
  ])("reads the convolutions of the blocks: at depth %i there are %i", (depth, count) => {
    expect(regularisedConvolutions(built(isonet, { depth }))).toHaveLength(count);
  });

  it.each([
    [29, 27],
    [56, 54],
  ])("reads those of bottleneck blocks: at depth %i there are %i", (depth, count) => {
    const network = built(isonet, { depth, input: "cifar", block: "bottleneck" });
    expect(regularisedConvolutions(network)).toHaveLength(count);
  });

  it("knows the stride of every kernel it reads", () => {
    const strides = regularisedConvolutions(built(isonet, { depth: 50 })).filter(
      ({ stride }) => stride === 2,
    );
    expect(strides.map(({ name }) => name)).toEqual([
      "blocks.3.conv2.weight",
      "blocks.7.conv2.weight",
      "blocks.13.conv2.weight",
    ]);
  });
});

describe("isonet at the start", () => {
  it.each([
    ["basic", { depth: 20, size: 16 }],
    ["bottleneck", { depth: 29, input: "cifar", block: "bottleneck", size: 8 }],
    ["another threshold", { depth: 20, size: 8, threshold: -0.6 }],
  ] as const)("repeats itself bit by bit within a stage: %s", (_, options) => {
    const network = built(isonet, options);
    const signals = signalsOf(network);
    const kept = network.blocks.flatMap(({ theory }, k) =>
      theory?.forward?.gain === 1 ? [k] : [],
    );
    expect(kept.length).toBeGreaterThan(network.blocks.length / 2);
    for (const k of kept) {
      const before = signals[k === 0 ? "stem" : `blocks.${k - 1}`]!;
      expect(signals[`blocks.${k}`]!.dataSync()).toEqual(before.dataSync());
    }
  });

  it("keeps 3 of 16, 32 and 64 channels alive with the moments of a shifted ReLU on noise", () => {
    const signals = signalsOf(built(isonet, { depth: 8, size: 32 }), { batch: 4 });
    const variances = [0, 1, 2].map((k) => averageChannelVariance(signals[`blocks.${k}`]!));
    // 3 x 256 independent numbers at the least: relative standard error of the variance below 3 %.
    expect(variances[0]).toBeCloseTo((3 / 16) * 0.751088, 2);
    expect(variances[1]).toBeCloseTo((3 / 32) * 0.751088, 2);
    expect(variances[2]).toBeCloseTo((3 / 64) * 0.751088, 2);
  });

  it("spreads its energy over wider stages as theory says", () => {
    const network = built(isonet, { depth: 20, size: 32 });
    const signals = signalsOf(network, { batch: 4 });
    const energy = (k: number) => meanSquare(signals[`blocks.${k}`]!.dataSync());
    const wider = network.blocks.flatMap(({ theory }, k) =>
      theory?.forward?.gain === 0.5 ? [k] : [],
    );
    expect(wider).toEqual([3, 6]);
    // Every second pixel of 4 x 256 x 3 independent ones at the least: some 3 % a mean square.
    for (const k of wider) expect(Math.abs(energy(k) / energy(k - 1) / 0.5 - 1)).toBeLessThan(0.12);
  });

  it("passes gradients back unchanged within a stage but for its last block", () => {
    const network = built(isonet, { depth: 20, size: 8 });
    const backward = network.blocks.map(({ theory }) => theory?.backward?.gain);
    expect(backward).toEqual([1, 1, undefined, undefined, 1, undefined, undefined, 1, undefined]);
  });
});

describe("isonet's options", () => {
  it("gives convolutions a bias only without shifted ReLU and batch norm", () => {
    const names = (options: object) =>
      built(isonet, { ...isonet.quick, ...options })
        .stem.parameters([8, 8, 3])
        .map(({ name }) => name);
    expect(names({})).toEqual(["conv.weight", "activation.threshold"]);
    expect(names({ activation: "relu" })).toEqual(["conv.weight", "conv.bias"]);
    expect(names({ activation: "relu", batchNorm: true })).not.toContain("conv.bias");
  });

  it("starts thresholds where asked and learns them unless told not to", () => {
    const network = built(isonet, { ...isonet.quick, threshold: -2, trainableThreshold: false });
    const spec = network.stem.parameters([8, 8, 3]).find(({ role }) => role === "threshold")!;
    expect(spec.trainable).toBe(false);
    expect([...spec.initializer.sample([2], { high: 0, low: 0 })]).toEqual([-2, -2]);
  });

  it("adds branches and shortcuts with skip=true", () => {
    const signals = signalsOf(built(isonet, { ...isonet.quick, skip: true }));
    expect(Object.keys(signals)).toContain("blocks.0.branch");
    expect(Object.keys(signalsOf(built(isonet, isonet.quick)))).not.toContain("blocks.0.branch");
    tf.disposeVariables();
  });

  it("refuses a scalar where there is no branch", () => {
    expect(() => built(isonet, { ...isonet.quick, scalar: 0.6 })).toThrow(UserError);
    expect(() => built(isonet, { ...isonet.quick, scalar: 0.6 })).toThrow(
      /isonet: option "scalar"/,
    );
  });

  it("takes the paper's rate, groups and a stronger penalty at depth 101", () => {
    const recipe = (depth: number) => isonet.recipe!(isonet.options.parse({ depth }));
    expect(recipe(34)).toMatchObject({ learningRate: 0.02, batch: 256, orthogonality: 1e-4 });
    expect(recipe(101).orthogonality).toBe(3e-4);
    expect(recipe(56)).toMatchObject({ learningRate: 0.005, epochs: 300 });
    expect(recipe(34).groups).toContainEqual({ roles: ["threshold"], weightDecayFactor: 0 });
  });
});
