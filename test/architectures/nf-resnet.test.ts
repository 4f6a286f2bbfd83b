import { beforeAll, describe, expect, it } from "vitest";
import nfResnet from "../../src/architectures/nf-resnet.js";
import { activationGamma } from "../../src/architectures/parts/activation-gamma.js";
import { familyTrunk } from "../../src/architectures/parts/ends.js";
import { parameterSpecs } from "../../src/architectures/parts/network.js";
import { staircase } from "../../src/architectures/parts/staircase.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { activation, activationNames } from "../../src/layers/activation.js";
import {
  averageChannelVariance,
  built,
  countsOf,
  recording,
  signalsOf,
} from "../support/signals.js";

beforeAll(async () => {
  await useBackend("cpu");
});

const fifty = familyTrunk({ depth: 50 }, "test");

describe("nf-resnet's staircase", () => {
  it("is the paper's at depth 50", () => {
    const values = built(nfResnet, { depth: 50 }).blocks.map(
      ({ theory }) => theory!.forward!.value!,
    );
    const stage = (blocks: number) => Array.from({ length: blocks }, (_, k) => 1.04 + 0.04 * k);
    const wanted = [...stage(3), ...stage(4), ...stage(6), ...stage(3)];
    values.forEach((value, k) => {
      expect(value).toBeCloseTo(wanted[k]!, 12);
    });
  });

  it("divides the first block of every stage by the deviation of the stage before", () => {
    const firsts = staircase(fifty, { alpha: 0.2, skipGain: 1 }).filter(
      (_, k) => fifty.places[k]!.first,
    );
    expect(firsts.map(({ beta }) => (1 / beta).toFixed(4))).toEqual([
      "1.0000",
      "0.9449",
      "0.9285",
      "0.8980",
    ]);
  });

  it("is flat within a stage with a gain of 0, and falls where a stage divides by what never came", () => {
    const variances = staircase(fifty, { alpha: 0.2, skipGain: 0 }).map((step) => step.variance);
    expect(variances.slice(0, 3)).toEqual([1, 1, 1]);
    expect(variances[3]).toBeCloseTo(1 / 1.12, 12);
    expect(variances[7]).toBeCloseTo(1 / 1.12 / 1.16, 12);
  });

  it("is what a network does on white noise, measured from its stem", () => {
    const network = built(nfResnet, { depth: 20, size: 16, alpha: 0.6 });
    const growth = [1, 2, 3].map((seed) => {
      const signals = signalsOf(network, { seed, batch: 4 });
      const stem = averageChannelVariance(signals["stem"]!);
      return [0, 1, 2].map((k) => averageChannelVariance(signals[`blocks.${k}`]!) / stem);
    });
    const mean = [0, 1, 2].map(
      (k) => growth.reduce((sum, run) => sum + run[k]!, 0) / growth.length,
    );
    // Zero padding takes (1 - 1/24)^2 off each of two convolutions, so a branch has 0.84 of its 0.36:
    // up to 8 % of the sum; 16 channels scatter by as much.
    [1.36, 1.72, 2.08].forEach((wanted, k) => {
      expect(Math.abs(mean[k]! / wanted - 1)).toBeLessThan(0.12);
    });
  });

  it("is bit by bit flat within a stage with a gain of 0", () => {
    const signals = signalsOf(built(nfResnet, { depth: 20, size: 8, skipGain: 0 }));
    expect(signals["blocks.2"]!.dataSync()).toEqual(signals["stem"]!.dataSync());
    expect(signals["blocks.5"]!.dataSync()).toEqual(signals["blocks.3"]!.dataSync());
  });

  it("is left out where the order of activation and division matters", () => {
    const theory = (options: object) =>
      built(nfResnet, { ...nfResnet.quick, ...options }).blocks[0]!.theory;
    expect(theory({ activation: "silu", skipGain: 0 })).toBeUndefined();
    expect(theory({ activation: "silu" })).toBeDefined();
  });
});

describe("gamma", () => {
  it.each(activationNames.map((name) => [name]))("gives %s variance 1 on N(0, 1)", (name) => {
    // Midpoints that avoid 0, where some activations have a kink; the step's error is below 1e-5.
    const step = 0.004;
    const points = Float32Array.from({ length: 4000 }, (_, i) => (i - 2000 + 0.5) * step);
    const values = activation(name).apply(tf.tensor(points), {}, recording({})).dataSync();
    let mean = 0;
    let square = 0;
    points.forEach((z, i) => {
      const weight = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * step;
      mean += weight * values[i]!;
      square += weight * values[i]! ** 2;
    });
    expect(activationGamma(name) ** 2 * (square - mean ** 2)).toBeCloseTo(1, 4);
  });
});

describe("nf-resnet's parameters", () => {
  it("are torchvision's with a gain and a bias for each channel of batch norm and a gain a block", () => {
    expect(countsOf(built(nfResnet, { depth: 50 })).parameters).toBe(25_557_032 + 16);
  });

  it("start a classifier of deviation 0.01", () => {
    const spec = parameterSpecs(built(nfResnet, nfResnet.quick)).find(
      ({ name }) => name === "classifier.weight",
    )!;
    expect(spec.initializer.variance!(spec.shape)).toBeCloseTo(1e-4, 12);
  });

  it("are not decayed but for weights", () => {
    const recipe = nfResnet.recipe!(nfResnet.options.parse({}));
    expect(recipe.groups).toEqual([{ roles: ["bias", "gain", "scale"], weightDecayFactor: 0 }]);
    expect(recipe.learningRate).toBeCloseTo((0.1 * recipe.batch) / 256, 12);
  });
});
