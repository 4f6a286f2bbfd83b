import { beforeAll, describe, expect, test } from "vitest";
import type { Architecture, Network } from "../../src/architectures/architecture.js";
import { parameterSpecs, sampleParameter } from "../../src/architectures/parts/network.js";
import { risottoBlock } from "../../src/architectures/parts/risotto-block.js";
import { risottoPlan } from "../../src/architectures/parts/risotto-plan.js";
import risotto from "../../src/architectures/risotto.js";
import { keyOf } from "../../src/core/random.js";
import { parseOptions } from "../../src/core/schema.js";
import { useBackend } from "../../src/engine/index.js";
import { bareNetwork, gaussianImages, meanSquare, placeOf, propagate } from "./propagation.js";

beforeAll(() => useBackend("cpu"));

function built<O>(architecture: Architecture<O>, options: Record<string, unknown>): Network {
  return architecture.build(parseOptions(architecture.options, options, "test"));
}

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
