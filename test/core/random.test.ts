import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Key } from "../../src/core/random.js";
import {
  fillNormal,
  fillUniform,
  fold,
  keyOf,
  normal,
  permutation,
  philox,
  uniform,
} from "../../src/core/random.js";

const mask = 0xffffffffn;
const ones = 0xffffffff;

/** Philox4x32-10 in big integers, straight from the definition. */
function plainPhilox(counter: readonly number[], key: Key): bigint[] {
  let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  let [k0, k1] = [BigInt(key.low), BigInt(key.high)];
  for (let round = 0; round < 10; round++) {
    const a = 0xd2511f53n * c0;
    const b = 0xcd9e8d57n * c2;
    [c0, c1, c2, c3] = [(b >> 32n) ^ c1 ^ k0, b & mask, (a >> 32n) ^ c3 ^ k1, a & mask];
    k0 = (k0 + 0x9e3779b9n) & mask;
    k1 = (k1 + 0xbb67ae85n) & mask;
  }
  return [c0, c1, c2, c3];
}

const philoxOf = (counter: readonly number[], key: Key): number[] => {
  const out = new Uint32Array(4);
  philox(counter, key, out);
  return [...out];
};

const plainUnit = (a: bigint, b: bigint): number =>
  Number((a >> 5n) * 0x4000000n + (b >> 6n)) / 2 ** 53;

const digestOf = (values: Float64Array): string =>
  createHash("sha256").update(new Uint8Array(values.buffer)).digest("hex");

/** Greatest distance between the shares of `values` in [0, 1] and those of a uniform number. */
function kolmogorovSmirnov(values: Float64Array): number {
  const n = values.length;
  return values
    .slice()
    .sort()
    .reduce((most, x, i) => Math.max(most, x - i / n, (i + 1) / n - x), 0);
}

/** Entry `index` of `normal`, from the plain generator and the engine's functions. */
function plainNormal(key: Key, index: number): number {
  const [a, b, c, d] = plainPhilox([Math.floor(index / 2), 0, 0, 0], key) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const radius = Math.sqrt(-2 * Math.log(1 - plainUnit(a, b)));
  const angle = 2 * Math.PI * plainUnit(c, d);
  return radius * (index % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
}

const word = fc.integer({ min: 0, max: ones });
const keys = fc.record({ high: word, low: word });

describe("philox", () => {
  it.each([
    [0, [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
    [ones, [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
  ])("gives the published vector for words %i", (x, expected) => {
    expect(philoxOf([x, x, x, x], { high: x, low: x })).toEqual(expected);
  });

  it("gives the published vector for the digits of pi", () => {
    const counter = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344];
    expect(philoxOf(counter, { low: 0xa4093822, high: 0x299f31d0 })).toEqual([
      0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
    ]);
  });

  it("agrees with the definition in big integers", () => {
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), keys, (counter, key) => {
        expect(philoxOf(counter, key)).toEqual(plainPhilox(counter, key).map(Number));
      }),
    );
  });
});

describe("normal and uniform", () => {
  it("give the numbers of the definition, also across inner chunks", () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 0, max: 20_400 }), (key, index) => {
        const expected = plainNormal(key, index);
        // Engines may round their logarithm, sine and cosine differently, by one bit each.
        const allowed = 1e-15 * Math.abs(expected);
        expect(Math.abs(normal(key, 20_401)[index]! - expected)).toBeLessThanOrEqual(allowed);
        const [a, b, c, d] = plainPhilox([Math.floor(index / 2), 0, 0, 0], key);
        const unit = index % 2 === 0 ? plainUnit(a!, b!) : plainUnit(c!, d!);
        expect(uniform(key, 20_401)[index]).toBe(unit);
      }),
      { numRuns: 30 },
    );
  });

  it("give the same bits on every machine and in every release", () => {
    const key = fold(keyOf(5), "digest");
    expect(digestOf(normal(key, 500_001))).toBe(
      "64b8f2e789cef1868900488ba4875543a4afa074146a9e3a5ebbb01e63b8d542",
    );
    expect(digestOf(uniform(key, 500_001, -0.6, 1.3))).toBe(
      "09b2efb973fa0c6e14380562fae5d27a9b17c35422d1dfc1a25304f642dbf0be",
    );
  });

  it("round to float32 what is drawn into such an array", () => {
    const key = keyOf(4);
    for (const n of [7, 20_001]) {
      const out = new Float32Array(n);
      fillNormal(out, key);
      expect(out).toEqual(Float32Array.from(normal(key, n)));
      fillUniform(out, key, -0.6, 1.3);
      expect(out).toEqual(Float32Array.from(uniform(key, n, -0.6, 1.3)));
    }
  });

  it("multiply normal numbers by their deviation, after rounding", () => {
    const key = keyOf(4);
    for (const n of [7, 20_000]) {
      const out = new Float64Array(n);
      fillNormal(out, key, 0.6);
      expect(out).toEqual(normal(key, n).map((z) => 0.6 * z));
    }
  });

  it("do not change the first numbers when more are drawn", () => {
    const key = keyOf(6);
    const long = normal(key, 21_000);
    for (const n of [0, 1, 2, 3, 2047, 2048, 2049, 20_001])
      expect(normal(key, n)).toEqual(long.slice(0, n));
    expect(uniform(key, 3)).toEqual(uniform(key, 21_000).slice(0, 3));
  });

  it("have the moments of their distributions", () => {
    const n = 200_000;
    const z = normal(keyOf(13), n);
    const moment = (p: number) => z.reduce((sum, x) => sum + x ** p, 0) / n;
    // Five standard errors: Var z^p is 1, 2, 15, 96 for p = 1..4.
    const allowed = (variance: number) => 5 * Math.sqrt(variance / n);
    expect(Math.abs(moment(1))).toBeLessThan(allowed(1));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(allowed(2));
    expect(Math.abs(moment(3))).toBeLessThan(allowed(15));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(allowed(96));
    const u = uniform(keyOf(13), n, -0.6, 1.3);
    const mean = u.reduce((sum, x) => sum + x, 0) / n;
    expect(Math.abs(mean - 0.35)).toBeLessThan(allowed(1.9 ** 2 / 12));
    expect(u.every((x) => x >= -0.6 && x < 1.3)).toBe(true);
  });

  it("fill the plane as two normal numbers do: in every direction and at every distance", () => {
    const n = 500_000;
    const z = normal(keyOf(21), 2 * n);
    const within = Float64Array.from({ length: n }, (_, i) =>
      Math.exp(-(z[2 * i]! ** 2 + z[2 * i + 1]! ** 2) / 2),
    );
    const direction = Float64Array.from(
      { length: n },
      (_, i) => Math.atan2(z[2 * i]!, z[2 * i + 1]!) / (2 * Math.PI) + 0.5,
    );
    // Kolmogorov's distribution passes 1.95 once in a thousand keys.
    expect(kolmogorovSmirnov(within)).toBeLessThan(1.95 / Math.sqrt(n));
    expect(kolmogorovSmirnov(direction)).toBeLessThan(1.95 / Math.sqrt(n));
  });

  it("have the tails of a normal number", () => {
    const n = 4_000_000;
    const sizes = normal(keyOf(8), n).map(Math.abs);
    for (const [bound, share] of [
      [3, 2.6997960632602e-3],
      [4, 6.334248366624e-5],
      [5, 5.7330314375839e-7],
    ] as const) {
      const found = sizes.reduce((count, size) => count + (size > bound ? 1 : 0), 0);
      // Five standard errors of a Poisson count, and one number more where few are expected.
      expect(Math.abs(found - n * share)).toBeLessThan(5 * Math.sqrt(n * share) + 1);
    }
    // The least factor of a radius is 2^-53.
    expect(sizes.every((size) => size <= Math.sqrt(106 * Math.LN2))).toBe(true);
  });

  it("draw the two halves of a pair independently", () => {
    const z = normal(keyOf(2), 100_000);
    let sum = 0;
    for (let i = 0; i < z.length; i += 2) sum += z[i]! * z[i + 1]!;
    // Five standard errors of a mean of 50000 products of variance 1.
    expect(Math.abs(sum / 50_000)).toBeLessThan(5 / Math.sqrt(50_000));
  });
});

describe("keys", () => {
  it("depend on the label alone, not on what else was drawn", () => {
    const key = keyOf(7);
    const first = fold(key, "blocks.3.branch.conv1.weight");
    normal(key, 100);
    fold(key, "blocks.2.branch.conv1.weight");
    expect(fold(key, "blocks.3.branch.conv1.weight")).toEqual(first);
  });

  it("differ between labels, between seeds and in both directions of nesting", () => {
    const key = keyOf(7);
    const labels = ["a", "b", "ab", "ba", "", "é", "blocks.1.weight", "blocks.11.weight"];
    const all = [
      ...labels.map((label) => fold(key, label)),
      ...labels.map((label) => fold(keyOf(8), label)),
      fold(fold(key, "a"), "b"),
      fold(fold(key, "b"), "a"),
    ];
    expect(new Set(all.map((k) => `${k.high},${k.low}`)).size).toBe(all.length);
  });

  it("take seeds in [0, 2^53) and nothing else", () => {
    const ends = [0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1].map(keyOf);
    expect(new Set(ends.map((k) => `${k.high},${k.low}`)).size).toBe(ends.length);
    for (const bad of [-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => keyOf(bad)).toThrow(RangeError);
  });
});

describe("permutation", () => {
  it("holds every index once", () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 0, max: 60 }), (key, n) => {
        const order = permutation(key, n);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
    );
  });

  it("puts each index everywhere equally often", () => {
    const draws = 6000;
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < draws; i++) {
      const at = permutation(fold(keyOf(3), `draw ${i}`), 4).indexOf(0);
      counts[at]! += 1;
    }
    // Five standard errors of a binomial count with p = 1/4.
    for (const count of counts)
      expect(Math.abs(count - draws / 4)).toBeLessThan(5 * Math.sqrt((draws * 3) / 16));
  });
});
