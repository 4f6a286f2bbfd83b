import { beforeAll, describe, expect, test } from "vitest";
import convshort from "../../src/architectures/convshort.js";
import {
  type FamilyOptions,
  familyBlock,
  familyMoments,
  type Shortcut,
} from "../../src/architectures/parts/convshort-family.js";
import {
  type BlockMoments,
  type ConvolutionMoments,
  circularBlockGain,
  circularConvGain,
  convGain,
  forwardProfile,
  residualTheory,
  uniformProfile,
} from "../../src/architectures/parts/theory.js";
import type { Place } from "../../src/architectures/parts/trunk.js";
import { parseOptions } from "../../src/core/schema.js";
import { useBackend } from "../../src/engine/index.js";
import { bareNetwork, gaussianImages, placeOf, propagate, variance } from "./propagation.js";

beforeAll(() => useBackend("cpu"));

const width = 128;
const size = 8;
const seeds = 12;

interface Case {
  readonly title: string;
  readonly shortcut: Shortcut;
  readonly options: Partial<FamilyOptions>;
  readonly places: readonly Place[];
  readonly block?: "basic" | "bottleneck";
}

const same = placeOf({ inWidth: width });
const transition = placeOf({
  inWidth: width,
  inner: 2 * width,
  outWidth: 2 * width,
  stride: 2,
});

const cases: readonly Case[] = [
  {
    title: "two IdShort blocks with the paper's weights",
    shortcut: { kind: "identity" },
    options: {},
    places: [same, same],
  },
  {
    title: "two IdShort blocks with Brock's weights, filters of mean 0",
    shortcut: { kind: "identity" },
    options: { init: "brock" },
    places: [same, same],
  },
  {
    title: "an IdShort block with Brock's variance alone",
    shortcut: { kind: "identity" },
    options: { init: "brock", standardise: false },
    places: [same],
  },
  {
    title: "a LearnScalar bottleneck with alpha 0.6 and c 0.9",
    shortcut: { kind: "scalar", initial: 0.6 },
    options: { init: "fan-in", c: 0.9 },
    places: [placeOf({ inWidth: width, inner: width })],
    block: "bottleneck",
  },
  {
    title: "a ConvShort block on raw input, widening with stride 2, He fan-in",
    shortcut: { kind: "convolution" },
    options: { init: "fan-in" },
    places: [transition],
  },
  {
    title: "a ConvShort block on raw input, widening with stride 2, standardised He fan-out",
    shortcut: { kind: "convolution" },
    options: {},
    places: [transition],
  },
  {
    title: "a ConvShort block on activated input, widening with stride 2, He fan-out",
    shortcut: { kind: "convolution" },
    options: { init: "fan-out", shortcutInput: "activated" },
    places: [transition],
  },
  {
    title: "a plain sum of an identity and a pre-activation branch",
    shortcut: { kind: "identity" },
    options: { init: "fan-in", c: 1 },
    places: [same],
  },
];

/** Gains of every block, forward and backward, measured in one sampled network. */
function measureGains({ shortcut, places, block = "basic" }: Case, o: FamilyOptions, seed: number) {
  const layers = places.map((place) => familyBlock(place, block, shortcut, o));
  const network = bareNetwork(layers, [size, size, width]);
  const x = gaussianImages(network.inShape, 1, seed);
  const { signals, gradients } = propagate(network, x, seed);
  x.dispose();
  const forward = ["stem", ...places.map((_, k) => `blocks.${k}`)].map((n) => signals[n]!);
  return places.map((_, k) => ({
    forward: variance(forward[k + 1]!) / variance(forward[k]!),
    backward: variance(gradients[k]!) / variance(gradients[k + 1]!),
  }));
}

/** Mean and standard error. */
function summary(values: readonly number[]) {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const square = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
  return { mean, error: Math.sqrt(square / values.length) };
}

describe("a wide sampled network agrees with theory, zero padding and strides included", () => {
  test.each(cases)("$title", (one) => {
    const options = parseOptions(convshort.options, one.options, "test");
    const moments = one.places.map((place) =>
      familyMoments(place, one.block ?? "basic", one.shortcut, options),
    );
    const theory = residualTheory(moments, uniformProfile(size), "test");
    const runs = Array.from({ length: seeds }, (_, seed) => measureGains(one, options, seed));
    theory.forEach((predicted, k) => {
      for (const direction of ["forward", "backward"] as const) {
        const { mean, error } = summary(runs.map((run) => run[k]![direction]));
        const gain = predicted[direction]!.gain!;
        // Four standard errors of twelve networks, and 1/width for what infinite width leaves out.
        expect(Math.abs(mean - gain)).toBeLessThan(4 * error + gain / width);
        // The errors are small enough to tell theory from the circular one and its neighbours.
        expect(error).toBeLessThan(0.03 * gain);
      }
    });
  });

  test("and the circular gains do not, where zero padding takes taps away", () => {
    const one = cases[1]!;
    const options = parseOptions(convshort.options, one.options, "test");
    const runs = Array.from({ length: 4 }, (_, seed) => measureGains(one, options, seed));
    const { mean, error } = summary(runs.map((run) => run[0]!.forward));
    const circular = circularBlockGain(familyMoments(same, "basic", one.shortcut, options));
    expect(circular.forward).toBeCloseTo(1, 12);
    expect(circular.forward - mean).toBeGreaterThan(4 * error);
  });
});

const k = 1 / (1 - 1 / Math.PI);

/** Moments of a block of the family at one width. */
function momentsOf(
  shortcut: Shortcut,
  options: Partial<FamilyOptions>,
  block: "basic" | "bottleneck" = "basic",
): BlockMoments {
  const place = placeOf({ inWidth: 48 });
  return familyMoments(place, block, shortcut, parseOptions(convshort.options, options, "test"));
}

describe("circular gains are those of the papers", () => {
  test.each(["ours", "fan-in", "fan-out"] as const)("IdShort keeps both variances, %s", (init) => {
    const { forward, backward } = circularBlockGain(momentsOf({ kind: "identity" }, { init }));
    expect(forward).toBeCloseTo(1, 12);
    expect(backward).toBeCloseTo(1, 12);
  });

  test("Brock's weights keep variance forward and blow gradients up, by (1 + k^2) / 2 or (1 + k^3) / 2", () => {
    const basic = circularBlockGain(momentsOf({ kind: "identity" }, { init: "brock" }));
    const deep = circularBlockGain(
      momentsOf({ kind: "identity" }, { init: "brock" }, "bottleneck"),
    );
    expect(basic.forward).toBeCloseTo(1, 12);
    expect(basic.backward).toBeCloseTo((1 + k ** 2) / 2, 12);
    expect(basic.backward).toBeCloseTo(1.576, 3);
    expect(deep.forward).toBeCloseTo(1, 12);
    expect(deep.backward).toBeCloseTo((1 + k ** 3) / 2, 12);
    expect(deep.backward).toBeCloseTo(2.078, 3);
  });

  test("ConvShort gains 1.5 on raw input and 1 on activated input, while the paper says 1 of both", () => {
    const raw = momentsOf({ kind: "convolution" }, {});
    const activated = momentsOf({ kind: "convolution" }, { shortcutInput: "activated" });
    expect(circularBlockGain(raw).forward).toBeCloseTo(1.5, 12);
    expect(circularBlockGain(raw).backward).toBeCloseTo(1.5, 12);
    expect(circularBlockGain(activated).backward).toBeCloseTo(1, 12);
    expect(raw.asInPaper!.backward).toBeCloseTo(1, 12);
  });

  test("a plain sum doubles the variance, forward and backward", () => {
    const { forward, backward } = circularBlockGain(momentsOf({ kind: "identity" }, { c: 1 }));
    expect(forward).toBeCloseTo(2, 12);
    expect(backward).toBeCloseTo(2, 12);
  });

  test("LearnScalar weighs the shortcut by alpha squared", () => {
    const { forward } = circularBlockGain(momentsOf({ kind: "scalar", initial: 0.6 }, {}));
    expect(forward).toBeCloseTo((1 + 0.36) / 2, 12);
  });
});

describe("zero padding", () => {
  const convolution: ConvolutionMoments = {
    size: 3,
    stride: 1,
    inWidth: 6,
    outWidth: 10,
    variance: 0.013,
    centring: "none",
    rectified: true,
  };

  test("takes a third of the taps of an edge: a gain falls by (1 - 2 / (3 n))^2", () => {
    const inside = circularConvGain(convolution);
    const { forward, backward } = convGain(convolution, 5);
    const kept = (1 - 2 / (3 * 5)) ** 2;
    expect(inside.forward).toBeCloseTo((9 * 6 * 0.013) / 2, 12);
    expect(forward).toBeCloseTo(kept * inside.forward, 12);
    expect(backward).toBeCloseTo(kept * inside.backward, 12);
  });

  test("shows in the profile: 4 taps in a corner, 6 at an edge, 9 inside", () => {
    const { values } = forwardProfile(uniformProfile(5), convolution);
    const tap = (6 * 0.013) / 2;
    expect(values[0]).toBeCloseTo(4 * tap, 12);
    expect(values[1]).toBeCloseTo(6 * tap, 12);
    expect(values[6]).toBeCloseTo(9 * tap, 12);
  });

  test("hits strided convolutions on one side only, as the last window ends inside", () => {
    const { forward, backward } = convGain({ ...convolution, stride: 2 }, 8);
    const taps = ((3 * 4 - 1) / 4) ** 2;
    expect(forward).toBeCloseTo((taps * 6 * 0.013) / 2, 12);
    expect(backward).toBeCloseTo((taps * 10 * 0.013) / 2 / 4, 12);
  });

  test("brings back some of the ReLU's mean that filters of mean 0 cancel inside", () => {
    const centred = { ...convolution, inWidth: 400, centring: "filter" } as const;
    const { values } = forwardProfile(uniformProfile(5), centred);
    const share = (taps: number) => values[taps === 4 ? 0 : 6]! / (taps * 400 * 0.013);
    expect(share(9)).toBeCloseTo((1 - 1 / Math.PI) / 2, 12);
    // n of g weights inside: (1/2 - n / (2 pi g)) v up to 1/g.
    expect(share(4)).toBeCloseTo(0.5 - 4 / 9 / (2 * Math.PI), 3);
  });
});

test("a built network carries its theory block by block, with the gains that its paper prints beside", () => {
  const network = convshort.build(parseOptions(convshort.options, {}, "test"));
  const printed = network.blocks.map(({ theory }) => theory!.backward!.asInPaper);
  // Stride 2 leaves a quarter of the gradient's variance.
  const expected = [1, 1, 0.25, 1, 0.25, 1, 0.25, 1];
  expect(printed).toHaveLength(8);
  for (const [at, value] of printed.entries()) expect(value).toBeCloseTo(expected[at]!, 12);
  const gains = network.blocks.map(({ theory }) => theory!.backward!.gain!);
  // Blocks on 32 x 32 lose little to the border, those on 4 x 4 much.
  expect(gains[0]).toBeGreaterThan(1.45);
  expect(gains[0]).toBeLessThan(1.5);
  expect(gains[7]).toBeLessThan(1.3);
});
