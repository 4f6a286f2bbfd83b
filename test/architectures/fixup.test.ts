import { beforeAll, describe, expect, it } from "vitest";
import fixup from "../../src/architectures/fixup.js";
import { initialize, parameterSpecs } from "../../src/architectures/parts/network.js";
import { keyOf } from "../../src/core/random.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import type { Parameters } from "../../src/layers/layer.js";
import { built, countsOf, gradientsOf, meanSquare, noise, signalsOf } from "../support/signals.js";

beforeAll(async () => {
  await useBackend("cpu");
});

describe("fixup's size", () => {
  it.each([
    [20, 268_393],
    [32, 461_959],
    [56, 849_091],
  ])("is that of the authors' network at depth %i on CIFAR", (depth, parameters) => {
    expect(countsOf(built(fixup, { depth })).parameters).toBe(parameters);
  });

  it("counts 6 scalars a basic block and 8 a bottleneck beside torchvision's convolutions", () => {
    // torchvision's counts less two values a channel of batch norm: 9,600 and 53,120.
    const ends = 2;
    const small = countsOf(built(fixup, { depth: 18 })).parameters;
    expect(small).toBe(11_689_512 - 9_600 + 8 * 5 + ends);
    const large = countsOf(built(fixup, { depth: 50 })).parameters;
    expect(large).toBe(25_557_032 - 53_120 + 16 * 7 + ends);
  });
});

describe("fixup at the start", () => {
  it("has branches and logits that are 0, and blocks that pass their input on", () => {
    const network = built(fixup, { depth: 20, size: 8 });
    const signals = signalsOf(network);
    expect(meanSquare(signals["logits"]!.dataSync())).toBe(0);
    network.blocks.forEach(({ theory }, k) => {
      expect(meanSquare(signals[`blocks.${k}.branch`]!.dataSync())).toBe(0);
      if (theory === undefined) return;
      const before = signals[k === 0 ? "stem" : `blocks.${k - 1}`]!.dataSync();
      expect(signals[`blocks.${k}`]!.dataSync()).toEqual(before);
      expect(meanSquare(before)).toBeGreaterThan(0);
    });
  });

  it.each([
    ["basic", { depth: 110 }, 54 ** (-1 / 2), "blocks.5.branch.conv1.weight"],
    ["bottleneck", { depth: 50 }, 16 ** (-1 / 4), "blocks.1.branch.conv2.weight"],
  ] as const)("scales inner convolutions by L^(-1/(2m-2)): %s", (_, options, factor, name) => {
    const spec = parameterSpecs(built(fixup, options)).find((one) => one.name === name)!;
    const [height, width, , out] = spec.shape;
    const variance = 2 / (height! * width! * out!);
    expect(spec.initializer.variance!(spec.shape)).toBeCloseTo(factor ** 2 * variance, 12);
  });
});

/** Parameters after a step of plain gradient descent of the given rate. */
function stepped(
  parameters: Parameters,
  gradients: Readonly<Record<string, Float32Array>>,
  rate: number,
): Parameters {
  const moved = Object.entries(parameters).map(([name, value]): [string, tf.Tensor] => {
    const gradient = gradients[name];
    if (gradient === undefined) return [name, value];
    return [name, tf.sub(value, tf.mul(tf.tensor(gradient, value.shape), rate))];
  });
  return Object.fromEntries(moved);
}

function reached(gradients: Readonly<Record<string, Float32Array>>): readonly string[] {
  return Object.keys(gradients).filter((name) => gradients[name]!.some((g) => g !== 0));
}

describe("fixup's first steps", () => {
  it("reach the classifier, then what lies behind zero weights, then everything", () => {
    const network = built(fixup, { ...fixup.quick });
    const x = noise(network, 3);
    let parameters = initialize(network, keyOf(5));
    const steps = [1, 2, 3].map(() => {
      const gradients = gradientsOf(network, parameters, x);
      parameters = stepped(parameters, gradients, 0.3);
      return reached(gradients);
    });
    expect(steps[0]).toEqual(["classifier.weight", "classifier.bias"]);
    expect(steps[1]).toContain("blocks.1.branch.conv2.weight");
    expect(steps[1]).toContain("blocks.1.branch.bias2b.bias");
    expect(steps[1]).toContain("stem.conv.weight");
    expect(steps[1]).toContain("stem.bias1.bias");
    expect(steps[1]).toContain("features.bias2.bias");
    expect(steps[1]).not.toContain("blocks.1.branch.conv1.weight");
    expect(steps[1]).not.toContain("blocks.1.branch.scale.scale");
    expect(steps[2]).toEqual(parameterSpecs(network).map(({ name }) => name));
  });
});

describe("fixup's recipe", () => {
  it("learns biases and scales at a tenth of the rate and mixes images", () => {
    const recipe = fixup.recipe!(fixup.options.parse({ depth: 20 }));
    expect(recipe.groups).toEqual([{ roles: ["bias", "scale"], learningRateFactor: 0.1 }]);
    expect(recipe.mixup).toBe(1);
    expect(fixup.recipe!(fixup.options.parse({ depth: 50 })).mixup).toBe(0.7);
  });
});
