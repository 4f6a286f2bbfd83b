import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { growthOf } from "../../../src/analyses/parts/growth.js";
import { keyOf, normal } from "../../../src/core/random.js";
import { stagesOf } from "../synthetic-rows.js";

function points(stages: readonly number[], value: (block: number, stage: number) => number) {
  return stages.map((stage, k) => ({ block: k + 1, stage, value: value(k + 1, stage) }));
}

describe("growth of a statistic", () => {
  it("finds a planted factor with jumps of any size between stages", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.3, max: 3, noNaN: true }),
        fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
        (factor, jump) => {
          const seed = points(stagesOf([3, 4, 2]), (k, s) => 0.6 * factor ** k * jump ** s);
          const growth = growthOf([seed], "forward");
          // Logarithms of float64: 1e-15 each, up to 20 of size; twelve digits are left.
          expect(growth.factor!.value / factor).toBeCloseTo(1, 12);
          expect(growth.jumps.map(({ block }) => block)).toEqual([4, 8]);
          for (const { factor: found } of growth.jumps) expect(found / jump).toBeCloseTo(1, 11);
          expect(growth.total! / (factor ** 8 * jump ** 2)).toBeCloseTo(1, 11);
        },
      ),
    );
  });

  it("turns round backward: towards the input", () => {
    const seed = points(stagesOf([3, 3]), (k, s) => 1.3 ** -k * 0.6 ** s);
    const growth = growthOf([seed], "backward");
    expect(growth.factor!.value).toBeCloseTo(1.3, 12);
    expect(growth.jumps[0]!.factor).toBeCloseTo(1 / 0.6, 12);
    expect(growth.total).toBeCloseTo(1.3 ** 5 / 0.6, 12);
    expect(growth.overall!.value).toBeCloseTo((1.3 ** 5 / 0.6) ** (1 / 5), 12);
  });

  it("has the error between seeds", () => {
    const seeds = [1.2, 1.3, 1.5].map((f) => points(stagesOf([4]), (k) => f ** k));
    const { factor } = growthOf(seeds, "forward");
    const logs = [1.2, 1.3, 1.5].map(Math.log);
    const mean = (logs[0]! + logs[1]! + logs[2]!) / 3;
    const spread = Math.sqrt(logs.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 2 / 3);
    expect(factor!.value).toBeCloseTo(Math.exp(mean), 12);
    expect(factor!.standardError).toBeCloseTo(Math.exp(mean) * spread, 12);
  });

  it("has the regression's error with one seed, of the size that repeats show", () => {
    const stages = stagesOf([6, 6]);
    const noise = normal(keyOf(4), 200 * 12);
    const fits = Array.from({ length: 200 }, (_, r) =>
      growthOf(
        [points(stages, (k) => 1.3 ** k * Math.exp(0.1 * noise[r * 12 + k - 1]!))],
        "forward",
      ),
    );
    const values = fits.map(({ factor }) => Math.log(factor!.value));
    const mean = values.reduce((sum, v) => sum + v, 0) / 200;
    const spread = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 199);
    const stated =
      fits.reduce((sum, f) => sum + f.factor!.standardError! / f.factor!.value, 0) / 200;
    // Both are estimates from 200 repeats: 5 % each, three of them.
    expect(Math.abs(stated / spread - 1)).toBeLessThan(0.15);
  });

  it("leaves the inside of stages of one block open and still gives the overall factor", () => {
    const growth = growthOf([points([1, 2, 3], (k) => 0.6 ** k)], "forward");
    expect(growth.factor).toBeNull();
    expect(growth.overall!.value).toBeCloseTo(0.6, 12);
    expect(growth.jumps.map(({ factor }) => factor)).toEqual([
      expect.closeTo(0.6, 12),
      expect.closeTo(0.6, 12),
    ]);
  });

  it("passes over values without a logarithm", () => {
    const values = [1.3, 1.3 ** 2, 0, Number.POSITIVE_INFINITY, 1.3 ** 5, Number.NaN];
    const growth = growthOf([points(stagesOf([6]), (k) => values[k - 1]!)], "forward");
    expect(growth.factor!.value).toBeCloseTo(1.3, 12);
    expect(growthOf([points([1, 1], () => 0)], "forward")).toEqual({
      factor: null,
      overall: null,
      total: null,
      steps: 0,
      jumps: [],
    });
  });
});
