import { beforeAll, describe, expect, it } from "vitest";
import { leavesOf } from "../../src/architectures/parts/leaves.js";
import { signalShapes } from "../../src/architectures/parts/network.js";
import type { ResnetOptions } from "../../src/architectures/parts/resnet-options.js";
import resnet from "../../src/architectures/resnet.js";
import { UserError } from "../../src/core/errors.js";
import { useBackend } from "../../src/engine/index.js";
import { built, countsOf, meanSquare, signalsOf } from "../support/signals.js";
import { gaussianImages, propagate, variance } from "./propagation.js";

beforeAll(async () => {
  await useBackend("cpu");
});

describe("resnet's size", () => {
  it.each([
    [18, 11_689_512, 1_814_073_344],
    [34, 21_797_672, 3_663_761_408],
    [50, 25_557_032, 4_089_184_256],
    [101, 44_549_160, 7_801_405_440],
    [152, 60_192_808, 11_513_626_624],
  ])("is torchvision's at depth %i", (depth, parameters, macs) => {
    expect(countsOf(built(resnet, { depth }))).toEqual({ parameters, macs });
  });

  it.each([
    ["18 with identities", 18, "projection", 11_173_962],
    ["18 with convolutions everywhere", 18, "projection-everywhere", 11_528_266],
    ["50 with identities", 50, "projection", 23_520_842],
    ["50 with convolutions everywhere", 50, "projection-everywhere", 38_092_362],
  ] as const)("is known on 32x32 images: %s", (_, depth, shortcut, parameters) => {
    expect(countsOf(built(resnet, { depth, shortcut, size: 32 })).parameters).toBe(parameters);
  });

  it.each([
    ["18 with identities", 18, "projection", 11_164_362],
    ["18 with convolutions everywhere", 18, "projection-everywhere", 11_516_618],
    ["50 with identities", 50, "projection", 23_467_722],
    ["50 with convolutions everywhere", 50, "projection-everywhere", 38_016_714],
  ] as const)("is known without batch norm and biases: %s", (_, depth, shortcut, parameters) => {
    const options = { depth, shortcut, size: 32, batchNorm: false, bias: false };
    expect(countsOf(built(resnet, options)).parameters).toBe(parameters);
    const pre = { ...options, activationOrder: "pre" } as const;
    expect(countsOf(built(resnet, pre)).parameters).toBe(parameters);
  });

  it("is He's at depth 20 on CIFAR: 0.27 million, without any in shortcuts", () => {
    const { parameters } = countsOf(built(resnet, { depth: 20 }));
    expect(parameters).toBe(269_722);
    const projected = countsOf(built(resnet, { depth: 20, shortcut: "projection" })).parameters;
    // Two projections of 16x32 and 32x64 weights with two values of batch norm a channel.
    expect(projected - parameters).toBe(16 * 32 + 32 * 64 + 2 * (32 + 64));
  });
});

function normsOf(options: Partial<ResnetOptions>): readonly string[] {
  return leavesOf(built(resnet, options))
    .filter(({ layer }) => layer.kind === "batch-norm")
    .map(({ name }) => name);
}

describe("resnet's batch norm", () => {
  it.each([
    ["none", []],
    ["first", ["stem.bn"]],
    ["middle", ["blocks.3.after.bn"]],
    ["after-stage-1", ["blocks.1.after.bn"]],
    ["after-stage-3", ["blocks.5.after.bn"]],
    ["last", ["features.bn"]],
  ] as const)("stands at one place: %s", (batchNormAt, names) => {
    expect(normsOf({ depth: 18, batchNormAt })).toEqual(names);
    const pre = normsOf({ depth: 18, batchNormAt, activationOrder: "pre" });
    expect(pre).toEqual(names);
  });

  it("stands at every convolution, and gives way to biases elsewhere", () => {
    expect(normsOf({ depth: 18 })).toHaveLength(20);
    expect(normsOf({ depth: 18, activationOrder: "pre" })).toHaveLength(17);
    const biases = (batchNormAt: "every" | "last") =>
      leavesOf(built(resnet, { depth: 18, batchNormAt })).filter(
        ({ layer, inShape }) =>
          layer.kind === "conv2d" && layer.parameters(inShape).some(({ name }) => name === "bias"),
      );
    expect(biases("every")).toHaveLength(0);
    expect(biases("last")).toHaveLength(20);
  });

  it("starts branches at 0 with zeroGamma", () => {
    const network = built(resnet, { ...resnet.quick, zeroGamma: true });
    const signals = signalsOf(network);
    expect(meanSquare(signals["blocks.2.branch"]!.dataSync())).toBe(0);
    expect(meanSquare(signals["blocks.2"]!.dataSync())).toBeGreaterThan(0);
  });

  it.each([
    [{ batchNorm: false, batchNormAt: "last" }, /resnet: option "batchNormAt"/],
    [{ batchNormAt: "after-stage-4" }, /allowed for input=cifar: up to after-stage-3/],
    [{ zeroGamma: true, skip: false }, /resnet: option "zeroGamma"/],
    [{ zeroGamma: true, activationOrder: "pre" }, /resnet: option "zeroGamma"/],
    [{ depth: 21 }, /resnet: option "depth" is 21/],
  ] as const)("refuses options that do not go together: %j", (options, message) => {
    const build = () => built(resnet, { ...resnet.quick, ...options });
    expect(build).toThrow(UserError);
    expect(build).toThrow(message);
  });
});

describe("resnet's stem", () => {
  it.each([
    ["7x7 on 224 pixels where the size is open", { depth: 18 }, [56, 56, 64]],
    ["7x7 from 64 pixels on", { depth: 18, size: 64 }, [16, 16, 64]],
    ["3x3 on smaller images", { depth: 18, size: 32 }, [32, 32, 64]],
    ["3x3 on the cifar trunk", { depth: 20 }, [32, 32, 16]],
    ["what is asked for", { depth: 18, size: 32, stem: "7x7" }, [8, 8, 64]],
  ] as const)("is %s", (_, options, shape) => {
    expect(signalShapes(built(resnet, options))["stem"]).toEqual(shape);
  });
});

describe("resnet without skip connections", () => {
  it("has the same convolutions in its blocks but for projections", () => {
    const macs = (skip: boolean) => countsOf(built(resnet, { depth: 20, skip })).macs;
    expect(macs(false)).toBe(macs(true));
    expect(Object.keys(signalsOf(built(resnet, { ...resnet.quick, skip: false })))).toEqual([
      "stem",
      "blocks.0",
      "blocks.1",
      "blocks.2",
      "features",
      "logits",
    ]);
  });
});

describe("resnet's theory", () => {
  const plain = {
    depth: 18,
    activationOrder: "pre",
    batchNorm: false,
    size: 8,
    classes: 10,
  } as const;

  it("is that of a plain sum, twice the variance a block, less what zero padding takes", () => {
    const { blocks } = built(resnet, plain);
    const inside = blocks.filter((_, k) => k % 2 === 1).map(({ theory }) => theory!);
    for (const { forward, backward } of inside) {
      expect(forward!.asInPaper).toBeCloseTo(2, 12);
      expect(backward!.asInPaper).toBeCloseTo(2, 12);
      expect(forward!.gain).toBeLessThan(2);
      expect(forward!.gain).toBeGreaterThan(1);
    }
  });

  it("is absent where signals are not symmetric or the rule of the weights is not known", () => {
    const others = [
      { ...plain, activationOrder: "post" },
      { ...plain, batchNorm: true },
      { ...plain, skip: false },
      { ...plain, shortcut: "zero-padded" },
      { ...plain, init: "delta" },
      { ...plain, activation: "tanh" },
    ] as const;
    for (const options of others) {
      expect(built(resnet, options).blocks.every(({ theory }) => theory === undefined)).toBe(true);
    }
  });

  it("agrees with a sampled network of its own width in the first stage", () => {
    const network = built(resnet, plain);
    const gains = [1, 2, 3, 4].map((seed) => {
      const images = gaussianImages(network.inShape, 4, seed);
      const { signals } = propagate(network, images, seed);
      images.dispose();
      return variance(signals["blocks.1"]!) / variance(signals["blocks.0"]!);
    });
    const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
    // 64 channels scatter by some 10 % a seed.
    expect(Math.abs(mean / network.blocks[1]!.theory!.forward!.gain! - 1)).toBeLessThan(0.12);
  });
});
