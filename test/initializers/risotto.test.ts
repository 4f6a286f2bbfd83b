import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../../src/core/errors.js";
import { keyOf, normal } from "../../src/core/random.js";
import type { RisottoInitializers, TypeBVariant } from "../../src/initializers/index.js";
import {
  risottoStem,
  risottoTypeB,
  risottoTypeC,
  typeBFits,
} from "../../src/initializers/index.js";
import { norm, plus, rectified, times } from "./matrix.js";

const alphas = [0.5, 1, 2, -0.6];
// Norms are sums of a few dozen rounded products.
const digits = 12;

/** A point as blocks see it: [relu z; relu -z], and 0 in the odd channel. */
function mirrored(width: number, seed: number): number[] {
  const z = [...normal(keyOf(seed), Math.floor(width / 2))];
  const x = [...rectified(z), ...rectified(z.map((v) => -v))];
  return width % 2 === 0 ? x : [...x, 0];
}

/** z = alpha f(x) + h(x) of a block whose parameters share one stream. */
function block(
  parts: RisottoInitializers,
  widths: readonly number[],
  alpha: number,
  x: readonly number[],
  seed: number,
): number[] {
  const key = keyOf(seed);
  const f = parts.branch.reduce<number[]>(
    (y, initializer, at) => {
      const w = initializer.sample([1, 1, widths[at]!, widths[at + 1]!], key);
      const next = times(y, w);
      return at + 1 < parts.branch.length ? rectified(next) : next;
    },
    [...x],
  );
  const h =
    parts.shortcut === undefined
      ? x
      : times(x, parts.shortcut.sample([1, 1, widths[0]!, widths.at(-1)!], key));
  return plus(h, f, alpha);
}

describe("type C", () => {
  it.each([
    [[6, 6, 6]],
    [[6, 2, 6]],
    [[6, 16, 10]],
    [[8, 4, 4, 8]],
    [[8, 4, 12, 20]],
    [[7, 5, 9]],
    [[8, 3, 3, 11]],
  ])("keeps the norm for widths %j and every alpha", (widths) => {
    for (const alpha of alphas) {
      for (const seed of [1, 2, 3]) {
        const x = mirrored(widths[0]!, seed);
        const z = block(risottoTypeC({ widths, alpha }), widths, alpha, x, seed);
        expect(norm(rectified(z))).toBeCloseTo(norm(x), digits);
      }
    }
  });

  it("keeps it through eight blocks behind the stem", () => {
    const input = [...normal(keyOf(4), 3)];
    const first = times(input, risottoStem().sample([1, 1, 3, 12], keyOf(5)));
    let x = rectified(first);
    for (let k = 0; k < 8; k++) {
      const widths = [12, 4, 12];
      x = rectified(block(risottoTypeC({ widths, alpha: 0.6 }), widths, 0.6, x, 100 + k));
    }
    expect(norm(x)).toBeCloseTo(norm(input), digits);
  });

  it("loses norm where outputs are fewer, as a projection does", () => {
    const widths = [20, 20, 12];
    const x = mirrored(20, 1);
    const z = block(risottoTypeC({ widths, alpha: 1 }), widths, 1, x, 1);
    expect(norm(rectified(z))).toBeLessThan(0.95 * norm(x));
  });

  it("puts its matrices at the centre tap of 3x3 kernels", () => {
    const { branch } = risottoTypeC({ widths: [6, 4, 6], alpha: 1.3 });
    const wide = branch[0]!.sample([3, 3, 6, 4], keyOf(3));
    const point = branch[0]!.sample([1, 1, 6, 4], keyOf(3));
    expect(wide.slice(4 * 24, 5 * 24)).toEqual(point);
    expect(wide.filter((x) => x !== 0).length).toBe(24);
  });

  it("refuses kernels of other widths, widths under two and alpha 0", () => {
    const { branch } = risottoTypeC({ widths: [6, 4, 6], alpha: 1 });
    expect(() => branch[0]!.sample([3, 3, 4, 6], keyOf(1))).toThrow("is not 6 -> 4");
    expect(() => risottoTypeC({ widths: [6, 1, 6], alpha: 1 })).toThrow(UserError);
    expect(() => risottoTypeC({ widths: [6], alpha: 1 })).toThrow(UserError);
    expect(() => risottoTypeC({ widths: [6, 6, 6], alpha: 0 })).toThrow(UserError);
  });
});

/** Output norm over input norm of a type B block. */
function typeBRatio(
  widths: readonly number[],
  alpha: number,
  seed: number,
  variant?: TypeBVariant,
): number {
  const x = mirrored(widths[0]!, seed);
  const z = block(risottoTypeB({ widths, alpha }, variant), widths, alpha, x, seed);
  return norm(rectified(z)) / norm(x);
}

describe("type B", () => {
  it.each([[[6, 6, 6]], [[6, 14, 6]], [[8, 8, 10, 8]], [[7, 7, 7]], [[7, 9, 7]]])(
    "keeps the norm for widths %j and every alpha",
    (widths) => {
      for (const alpha of alphas)
        for (const seed of [1, 2, 3])
          expect(typeBRatio(widths, alpha, seed)).toBeCloseTo(1, digits);
    },
  );

  it("scales the norm by |alpha| in the form of the appendix", () => {
    for (const alpha of alphas)
      expect(typeBRatio([10, 10, 10], alpha, 5, "appendix")).toBeCloseTo(Math.abs(alpha), digits);
  });

  it("leaves the input swapped in the sum as definition 2.9 is printed", () => {
    const widths = [10, 12, 10];
    for (const alpha of alphas) {
      const x = mirrored(10, 6);
      const printed = block(risottoTypeB({ widths, alpha }, "as-printed"), widths, alpha, x, 6);
      const appendix = block(risottoTypeB({ widths, alpha }, "appendix"), widths, alpha, x, 6);
      const swapped = [...x.slice(5), ...x.slice(0, 5)];
      plus(printed, appendix, -1).forEach((value, i) => {
        expect(value).toBeCloseTo(swapped[i]!, digits);
      });
      const excess = norm(rectified(printed)) / norm(x);
      expect(Math.abs(excess - 1)).toBeGreaterThan(0.01);
    }
  });

  it("grows the squared norm by 2 + 1/pi at alpha 1 as printed, for wide blocks", () => {
    // |relu([u + relu(-v); -u + relu(v)])|^2 against v^2 for independent standard normal u = (Md)_i
    // and v = d_i, integrated in polar coordinates: 1/2 + (2/pi)(3 pi/4 + 1/2).
    const ratios = [1, 2, 3, 4, 5, 6].map(
      (seed) => typeBRatio([300, 300, 300], 1, seed, "as-printed") ** 2,
    );
    const mean = ratios.reduce((sum, x) => sum + x, 0) / 6;
    // 900 pairs of variance 9 each; five standard errors.
    expect(Math.abs(mean - 2 - 1 / Math.PI)).toBeLessThan(5 * Math.sqrt(9 / 900));
  });

  it("fits only where outputs equal inputs and nothing between is narrower", () => {
    expect(typeBFits([6, 6, 6])).toBe(true);
    expect(typeBFits([6, 9, 6])).toBe(true);
    expect(typeBFits([16, 4, 4, 16])).toBe(false);
    expect(typeBFits([6, 6, 8])).toBe(false);
    expect(() => risottoTypeB({ widths: [16, 4, 4, 16], alpha: 1 })).toThrow(UserError);
  });

  it("starts its branch with the delta identity", () => {
    const { branch, shortcut } = risottoTypeB({ widths: [4, 5, 4], alpha: 1.3 });
    expect(shortcut).toBeUndefined();
    const first = branch[0]!.sample([1, 1, 4, 5], keyOf(9));
    fc.assert(
      fc.property(fc.nat({ max: 3 }), fc.nat({ max: 4 }), (i, o) => {
        expect(first[i * 5 + o]).toBe(i === o ? 1 : 0);
      }),
    );
  });
});

describe("shared stream", () => {
  it("gives the three parameters of a block the same matrices from one key", () => {
    const [widths, alpha] = [[4, 4, 4], 1.3];
    const { branch, shortcut } = risottoTypeC({ widths, alpha });
    const key = keyOf(17);
    const half = (w: Float64Array) => [w[0]!, w[1]!, w[4]!, w[5]!];
    const [v1, v2] = branch.map((initializer) => half(initializer.sample([1, 1, 4, 4], key)));
    const s = half(shortcut.sample([1, 1, 4, 4], key));
    const through = [
      v1![0]! * v2![0]! + v1![1]! * v2![2]!,
      v1![0]! * v2![1]! + v1![1]! * v2![3]!,
      v1![2]! * v2![0]! + v1![3]! * v2![2]!,
      v1![2]! * v2![1]! + v1![3]! * v2![3]!,
    ];
    // What the shortcut adds to alpha V1 V2 is orthogonal only when it used the same V1 and V2.
    const m = s.map((value, i) => value + alpha * through[i]!);
    expect(m[0]! ** 2 + m[1]! ** 2).toBeCloseTo(1, digits);
    expect(m[0]! * m[2]! + m[1]! * m[3]!).toBeCloseTo(0, digits);
  });
});
