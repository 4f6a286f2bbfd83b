import { beforeAll, describe, expect, it } from "vitest";
import { parameterSpecs } from "../../src/architectures/parts/network.js";
import skipinit from "../../src/architectures/skipinit.js";
import { useBackend } from "../../src/engine/index.js";
import { built, countsOf, meanSquare, signalsOf } from "../support/signals.js";

beforeAll(async () => {
  await useBackend("cpu");
});

describe("skipinit", () => {
  it("has torchvision's convolutions with biases and a scalar a block instead of batch norm", () => {
    const network = built(skipinit, { depth: 50 });
    const biases = parameterSpecs(network)
      .filter(({ name, role }) => role === "bias" && name.startsWith("blocks."))
      .reduce((sum, { shape }) => sum + shape[0]!, 0);
    // Half of batch norm's 53,120 values are biases, 64 of them the stem's, which has none here.
    expect(biases).toBe(53_120 / 2 - 64);
    expect(countsOf(network).parameters).toBe(25_557_032 - 53_120 + biases + 16);
  });

  it("has branches that contribute 0, so that blocks with an identity are that identity", () => {
    const network = built(skipinit, { depth: 20, size: 8 });
    const signals = signalsOf(network);
    const identities = network.blocks.flatMap(({ theory }, k) => (theory ? [k] : []));
    expect(identities).toEqual([0, 1, 2, 4, 5, 7, 8]);
    network.blocks.forEach((_, k) => {
      expect(meanSquare(signals[`blocks.${k}.branch`]!.dataSync())).toBe(0);
    });
    for (const k of identities) {
      const before = signals[k === 0 ? "stem" : `blocks.${k - 1}`]!.dataSync();
      expect(signals[`blocks.${k}`]!.dataSync()).toEqual(before);
    }
  });

  it("lets branches in with another scalar, and says nothing exact then", () => {
    const network = built(skipinit, { ...skipinit.quick, scalar: 0.6 });
    expect(meanSquare(signalsOf(network)["blocks.1.branch"]!.dataSync())).toBeGreaterThan(0);
    expect(network.blocks.map(({ theory }) => theory)).toEqual([undefined, undefined, undefined]);
  });

  it("starts convolutions with a truncated normal unless told otherwise", () => {
    const names = (options: object) =>
      parameterSpecs(built(skipinit, { ...skipinit.quick, ...options }))
        .filter(({ shape }) => shape.length === 4)
        .map(({ initializer }) => initializer.name);
    expect(new Set(names({}))).toEqual(new Set(["truncated-normal"]));
    expect(new Set(names({ init: "he-fan-in" }))).toEqual(new Set(["he-fan-in"]));
  });
});
