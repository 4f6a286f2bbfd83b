import { beforeAll, describe, expect, test } from "vitest";
import type { Architecture, Network } from "../../src/architectures/architecture.js";
import convshort from "../../src/architectures/convshort.js";
import idshort from "../../src/architectures/idshort.js";
import learnscalar from "../../src/architectures/learnscalar.js";
import { totals } from "../../src/architectures/parts/describe.js";
import {
  initialize,
  parameterSpecs,
  runNetwork,
  sampleParameter,
} from "../../src/architectures/parts/network.js";
import { risottoBlock } from "../../src/architectures/parts/risotto-block.js";
import { risottoPlan } from "../../src/architectures/parts/risotto-plan.js";
import risotto from "../../src/architectures/risotto.js";
import { keyOf } from "../../src/core/random.js";
import { parseOptions } from "../../src/core/schema.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import {
  bareNetwork,
  gaussianImages,
  meanSquare,
  placeOf,
  propagate,
  variance,
} from "./propagation.js";

beforeAll(() => useBackend("cpu"));

function built<O>(architecture: Architecture<O>, options: Record<string, unknown>): Network {
  return architecture.build(parseOptions(architecture.options, options, "test"));
}

describe("sizes of the paper's tables", () => {
  test.each([
    ["idshort", idshort, 18, 11_164_362, 1.111],
    ["idshort", idshort, 50, 23_467_722, 2.596],
    ["convshort", convshort, 18, 11_516_618, 1.153],
    ["convshort", convshort, 50, 38_016_714, 4.206],
  ] as const)("%s, depth %4$s", (_, architecture, depth, parameters, flops) => {
    const sum = totals(built(architecture, { depth }));
    expect(sum.parameters).toBe(parameters);
    expect(sum.flops / 1e9).toBeCloseTo(flops, 3);
  });

  test.each([
    ["idshort", idshort, 42.41],
    ["convshort", convshort, 74.78],
  ] as const)("%s, depth 101, in millions as printed", (_, architecture, millions) => {
    expect(totals(built(architecture, { depth: 101 })).parameters / 1e6).toBeCloseTo(millions, 2);
  });

  test("LearnScalar has one number more for each identity", () => {
    const identities = [18, 34, 50].map(
      (depth) =>
        totals(built(learnscalar, { depth })).parameters -
        totals(built(idshort, { depth })).parameters,
    );
    expect(identities).toEqual([5, 13, 12]);
  });
});

/** Output of a network's first block when all weights of its branch are 0, and its input. */
function shortcutAlone(network: Network, block: number) {
  return tf.tidy(() => {
    const key = keyOf(3);
    const drawn = initialize(network, key);
    const parameters = Object.fromEntries(
      Object.entries(drawn).map(([name, value]) => [
        name,
        name.includes(".branch.") ? tf.zerosLike(value) : value,
      ]),
    );
    const signals: Record<string, tf.Tensor> = {};
    const tap = (name: string, x: tf.Tensor) => {
      signals[name] = x;
      return x;
    };
    const x = gaussianImages(network.inShape, 2, 5);
    runNetwork(network, parameters, x, { training: false, statistics: "batch", key, tap });
    const into = signals[block === 0 ? "stem" : `blocks.${block - 1}`]!;
    const weight = parameters[`blocks.${block}.shortcut.weight`];
    const through = (y: tf.Tensor) =>
      weight === undefined
        ? y
        : tf.conv2d(y as tf.Tensor4D, weight as tf.Tensor4D, block === 1 ? 2 : 1, 0);
    const data = (y: tf.Tensor) => Array.from(y.dataSync());
    return {
      out: data(signals[`blocks.${block}`]!),
      raw: data(through(into)),
      activated: data(through(tf.relu(into))),
    };
  });
}

function expectScaled(out: readonly number[], of: readonly number[], factor: number) {
  const worst = out.reduce((w, value, i) => Math.max(w, Math.abs(value - factor * of[i]!)), 0);
  // Float32 sums of at most 32 terms of order 1.
  expect(worst).toBeLessThan(1e-5);
}

describe("what the shortcut reads", () => {
  const quick = { ...idshort.quick, c: 0.6 };

  test("IdShort: c x", () => {
    const { out, raw } = shortcutAlone(built(idshort, quick), 0);
    expectScaled(out, raw, 0.6);
  });

  test("LearnScalar: c alpha x", () => {
    const { out, raw } = shortcutAlone(built(learnscalar, { ...quick, alpha: 1.3 }), 0);
    expectScaled(out, raw, 0.6 * 1.3);
  });

  test("ConvShort and transitions: c W x, or c W relu(x) when asked for", () => {
    for (const block of [0, 1]) {
      const raw = shortcutAlone(built(convshort, quick), block);
      expectScaled(raw.out, raw.raw, 0.6);
      const activated = shortcutAlone(
        built(convshort, { ...quick, shortcutInput: "activated" }),
        block,
      );
      expectScaled(activated.out, activated.activated, 0.6);
    }
    const transition = shortcutAlone(built(idshort, quick), 1);
    expectScaled(transition.out, transition.raw, 0.6);
  });

  test("a network whose shortcuts read x says that they gain 2", () => {
    const about = (network: Network) => network.notes!.filter((note) => note.includes("gain is 2"));
    expect(about(built(convshort, {}))).toHaveLength(1);
    expect(about(built(convshort, { shortcutInput: "activated" }))).toHaveLength(0);
  });
});

describe("weights", () => {
  const name = "blocks.1.branch.conv1.weight";

  function sampled(options: Record<string, unknown>) {
    const network = built(idshort, { ...idshort.quick, ...options });
    const spec = parameterSpecs(network).find((one) => one.name === name)!;
    return { values: Float32Array.from(sampleParameter(spec, keyOf(2))), shape: spec.shape };
  }

  test.each([
    ["ours", 2 / (9 * 32)],
    ["brock", 2 / (1 - 1 / Math.PI) / (9 * 16)],
  ] as const)("%s have exactly mean 0 and the rule's variance", (init, expected) => {
    const { values, shape } = sampled({ init });
    expect(shape).toEqual([3, 3, 16, 32]);
    // Float32 rounding of the values.
    expect(variance(values) / expected).toBeCloseTo(1, 6);
    expect(meanSquare(values) / expected).toBeCloseTo(1, 6);
  });

  test("Brock's are centred in every filter, the paper's in the whole tensor only", () => {
    const largest = (values: Float32Array) => {
      const sums = Array.from({ length: 32 }, (_, filter) =>
        values.filter((_, i) => i % 32 === filter).reduce((sum, v) => sum + v, 0),
      );
      return Math.max(...sums.map(Math.abs));
    };
    expect(largest(sampled({ init: "brock" }).values)).toBeLessThan(1e-5);
    expect(largest(sampled({ init: "ours" }).values)).toBeGreaterThan(0.1);
  });

  test("ours is fan-out, standardised: the same draws, shifted and scaled", () => {
    expect(sampled({ init: "fan-out", standardise: true }).values).toEqual(
      sampled({ init: "ours" }).values,
    );
    expect(sampled({ init: "fan-out" }).values).toEqual(
      sampled({ init: "ours", standardise: false }).values,
    );
    expect(sampled({ init: "fan-out" }).values).not.toEqual(sampled({ init: "ours" }).values);
  });
});

test("a depth that no trunk has is the user's mistake", () => {
  expect(() => built(convshort, { depth: 19 })).toThrow(/convshort: option "depth" is 19/);
});

const norm = (values: Float32Array) => Math.sqrt(meanSquare(values) * values.length);

/** Largest relative difference between norms of consecutive blocks' signals. */
function worstNorm(network: Network, seed: number): number {
  const x = gaussianImages(network.inShape, 3, seed);
  const { signals } = propagate(network, x, seed);
  const images = norm(x.dataSync() as Float32Array);
  x.dispose();
  const names = ["stem", ...network.blocks.map((_, k) => `blocks.${k}`)];
  return Math.max(...names.map((name) => Math.abs(norm(signals[name]!) / images - 1)));
}

/** Float32 rounding over six layers. */
const rounding = 1e-5;

describe("Risotto keeps norms exactly", () => {
  const settings = ["B", "C"].flatMap((type) =>
    [0.5, 1, 2, -1.3].map((alpha) => ({ type, alpha })),
  );

  test.each(settings)("five blocks of type $type, alpha $alpha", (setting) => {
    const network = built(risotto, { net: "five-block", size: 8, width: 12, ...setting });
    expect(network.blocks).toHaveLength(5);
    expect(worstNorm(network, 1)).toBeLessThan(rounding);
  });

  test("with an odd width, whose last channel stays at zero", () => {
    const network = built(risotto, { net: "five-block", size: 8, width: 13 });
    expect(worstNorm(network, 2)).toBeLessThan(rounding);
    expect(network.notes!.some((note) => note.includes("odd width"))).toBe(true);
  });

  test.each(["B", "C"] as const)("in a bottleneck of type %s that is narrow inside", (type) => {
    const options = parseOptions(risotto.options, { type, alpha: 0.7 }, "test");
    const plan = risottoPlan(options);
    const place = placeOf({ inWidth: 16, inner: 4 });
    const convolutions = [
      { size: 1, stride: 1, inWidth: 16, outWidth: 4 },
      { size: 3, stride: 1, inWidth: 4, outWidth: 4 },
      { size: 1, stride: 1, inWidth: 4, outWidth: 16 },
    ];
    const { layer } = risottoBlock({ place, type, convolutions }, plan, options);
    const network = { ...bareNetwork([layer], [8, 8, 3]), stem: stemOf(16) };
    expect(worstNorm(network, 3)).toBeLessThan(rounding);
    const x = gaussianImages(network.inShape, 3, 4);
    const { signals } = propagate(network, x, 4);
    const [before, after] = [signals["stem"]!, signals["blocks.0"]!];
    const changed = new Set<number>();
    before.forEach((value, i) => {
      if (Math.abs(value - after[i]!) > 1e-3) changed.add(i % 16);
    });
    // Type B rotates the two pairs that fit inside, type C all eight.
    expect(changed.size).toBe(type === "B" ? 4 : 16);
  });

  test("and the inner products of what the mirrored halves carry", () => {
    const network = built(risotto, { net: "five-block", size: 8, width: 12, type: "B" });
    const x = gaussianImages(network.inShape, 2, 8);
    const { signals } = propagate(network, x, 8);
    const inner = (values: Float32Array) => {
      const half = values.length / 2;
      let sum = 0;
      for (let i = 0; i < half; i++) {
        if (i % 12 >= 6) continue;
        const difference = (at: number) => values[at]! - values[at + 6]!;
        sum += difference(i) * difference(half + i);
      }
      return sum;
    };
    const start = inner(signals["stem"]!);
    const scale = meanSquare(signals["stem"]!) * (signals["stem"]!.length / 2);
    for (let k = 0; k < 5; k++)
      expect(Math.abs(inner(signals[`blocks.${k}`]!) - start) / scale).toBeLessThan(rounding);
  });
});

/** A Risotto stem of any width. */
function stemOf(width: number) {
  return built(risotto, { net: "five-block", size: 8, width }).stem;
}

describe("type B as printed", () => {
  const width = 12;
  const half = width / 2;

  test.each([0.5, 1, 2])(
    "gives alpha [Md; -Md] + [x-; x+] at alpha %s and loses the norm",
    (alpha) => {
      const options = { net: "five-block", size: 8, width, type: "B", alpha };
      const network = built(risotto, { ...options, definition: "as-printed" });
      const spec = parameterSpecs(network).find(
        ({ name }) => name === "blocks.0.branch.conv2.weight",
      )!;
      const seed = 6;
      const centre = sampleParameter(spec, keyOf(seed)).subarray(4 * width * width);
      const m = (i: number, j: number) => centre[i * width + j]! + (i === j ? 1 / alpha : 0);
      const x = gaussianImages(network.inShape, 1, seed);
      const { signals } = propagate(network, x, seed);
      const [before, after] = [signals["stem"]!, signals["blocks.0"]!];
      let square = 0;
      for (let at = 0; at < before.length; at += width) {
        for (let j = 0; j < half; j++) {
          let rotated = 0;
          for (let i = 0; i < half; i++)
            rotated += m(i, j) * (before[at + i]! - before[at + half + i]!);
          square += Math.max(0, alpha * rotated + before[at + half + j]!) ** 2;
          square += Math.max(0, -alpha * rotated + before[at + j]!) ** 2;
        }
      }
      expect(norm(after) / Math.sqrt(square)).toBeCloseTo(1, 5);
      expect(Math.abs(norm(after) / norm(before) - 1)).toBeGreaterThan(0.1);
      expect(network.notes!.some((note) => note.includes("as-printed"))).toBe(true);
      expect(network.blocks[0]!.theory).toBeUndefined();
    },
  );

  test("and the appendix's matrix scales norms by |alpha|", () => {
    const options = { net: "five-block", size: 8, width, type: "B", alpha: 0.5 };
    const network = built(risotto, { ...options, definition: "appendix" });
    const x = gaussianImages(network.inShape, 1, 7);
    const { signals } = propagate(network, x, 7);
    expect(norm(signals["blocks.0"]!) / norm(signals["stem"]!)).toBeCloseTo(0.5, 5);
  });
});

describe("Risotto's theory", () => {
  test("type C keeps gradients too: exactly before another block, on average in the last", () => {
    const network = built(risotto, { net: "five-block", size: 8, width: 32, alpha: 0.6 });
    const x = gaussianImages(network.inShape, 4, 9);
    const { gradients } = propagate(network, x, 9);
    const gains = network.blocks.map(
      (_, k) => meanSquare(gradients[k]!) / meanSquare(gradients[k + 1]!),
    );
    for (const gain of gains.slice(0, 4)) expect(Math.abs(gain - 1)).toBeLessThan(rounding);
    // Of each of 4096 pairs one of two independent values is kept: 4 sqrt(2 / 4096) = 0.09.
    expect(Math.abs(gains[4]! - 1)).toBeLessThan(0.09);
    expect(network.blocks.map(({ theory }) => theory!.backward!.gain)).toEqual([1, 1, 1, 1, 1]);
  });

  test("through strides the mean square goes as in / out forward and 1 / stride^2 backward, on average", () => {
    const network = built(risotto, { depth: 14, input: "cifar", size: 16 });
    const runs = [1, 2, 3, 4].map((seed) => {
      const { signals, gradients } = propagate(
        network,
        gaussianImages(network.inShape, 4, seed),
        seed,
      );
      const at = (k: number) => meanSquare(signals[k < 0 ? "stem" : `blocks.${k}`]!);
      return network.blocks.map((_, k) => ({
        forward: at(k) / at(k - 1),
        backward: meanSquare(gradients[k]!) / meanSquare(gradients[k + 1]!),
      }));
    });
    network.blocks.forEach(({ theory }, k) => {
      for (const direction of ["forward", "backward"] as const) {
        const mean = runs.reduce((sum, run) => sum + run[k]![direction], 0) / runs.length;
        // The last stage has 4 x 4 pixels of 3 values in 16 images: 4 sqrt(2 / 768) = 0.2.
        expect(Math.abs(mean / theory![direction]!.gain! - 1)).toBeLessThan(0.2);
      }
    });
    expect(network.blocks[2]!.theory!.forward!.gain).toBe(0.5);
    expect(network.blocks[2]!.theory!.backward!.gain).toBe(0.25);
  });

  test("type B says nothing of gradients, which inactive channels of an identity also carry", () => {
    const { blocks } = built(risotto, { type: "B" });
    expect(blocks.every(({ theory }) => theory!.backward === undefined)).toBe(true);
  });
});

describe("Risotto says where it cannot be exact", () => {
  const about = (options: Record<string, unknown>, word: string) =>
    built(risotto, options).notes!.filter((note) => note.includes(word));

  test("strides, by the blocks' names", () => {
    expect(about({ depth: 18 }, "stride 2")[0]).toContain("blocks.2, blocks.4, blocks.6:");
    expect(about({ net: "five-block" }, "stride 2")).toHaveLength(0);
  });

  test("type B in bottlenecks that are narrow inside", () => {
    expect(about({ depth: 50, type: "B" }, "rotated")[0]).toContain("blocks.1, blocks.2, blocks.4");
    expect(about({ depth: 50, type: "C" }, "rotated")).toHaveLength(0);
    expect(about({ depth: 18, type: "B" }, "rotated")).toHaveLength(0);
  });

  test("odd widths, fewer outputs than inputs, batch norm", () => {
    expect(about({ net: "five-block", width: 33 }, "odd width")).toHaveLength(2);
    expect(about({ net: "five-block", width: 4 }, "fewer outputs")).toHaveLength(1);
    expect(about({ net: "five-block", width: 6 }, "fewer outputs")).toHaveLength(0);
    expect(about({ batchNorm: true }, "batch norm")).toHaveLength(1);
  });

  test("and refuses alpha 0 and a width for a resnet", () => {
    expect(() => built(risotto, { alpha: 0 })).toThrow(/option "alpha" is 0/);
    expect(() => built(risotto, { width: 16 })).toThrow(/net=five-block only/);
  });
});

test("B is type B where shapes allow it and type C elsewhere", () => {
  const shortcuts = (type: string) =>
    parameterSpecs(built(risotto, { depth: 18, type })).filter(({ name }) =>
      name.endsWith("shortcut.conv.weight"),
    ).length;
  expect(shortcuts("B")).toBe(3);
  expect(shortcuts("C")).toBe(8);
});

test.each([
  [{ classes: 10 }, 0.1, "cosine"],
  [{ classes: 100, depth: 50 }, 0.01, "cosine"],
  [{ classes: 100, depth: 50, batchNorm: true }, 0.1, "cosine"],
  [{ classes: 200, depth: 50, batchNorm: true }, 0.01, "step"],
  [{ classes: 200, depth: 50, batchNorm: true, type: "B" }, 0.01, "cosine"],
  [{ classes: 100, depth: 101 }, 0.005, "cosine"],
])("Risotto's recipe for %o has rate %d and a %s schedule", (options, rate, schedule) => {
  const recipe = risotto.recipe!(parseOptions(risotto.options, options, "test"));
  expect(recipe.learningRate).toBe(rate);
  expect(recipe.schedule.name).toBe(schedule);
});
