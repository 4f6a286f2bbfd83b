import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Repetition } from "../../bench/statistics.js";
import { hasQuiet, median, quietShare, summarize } from "../../bench/statistics.js";

const quiet = (ms: number): Repetition => ({ ms, foreign: 0.01 });
const noisy = (ms: number): Repetition => ({ ms, foreign: 0.3 });

describe("the median", () => {
  it("has as many numbers below as above", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }),
        (xs) => {
          const m = median(xs);
          const half = xs.length / 2;
          expect(xs.filter((x) => x < m).length).toBeLessThanOrEqual(half);
          expect(xs.filter((x) => x > m).length).toBeLessThanOrEqual(half);
        },
      ),
    );
  });

  it("of no numbers is refused", () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe("a summary", () => {
  it("counts quiet repetitions only, when there are three of them", () => {
    const found = summarize([quiet(14), noisy(3), quiet(17), noisy(90), quiet(12)]);
    expect(found).toEqual({ median: 14, min: 12, quiet: 3, reps: 5 });
  });

  it("counts all when fewer than three were quiet, and says how many were", () => {
    const found = summarize([quiet(14), noisy(3), quiet(17), noisy(90)]);
    expect(found).toEqual({ median: 15.5, min: 3, quiet: 2, reps: 4 });
  });

  it("counts all where those that it is compared with have too few that are quiet", () => {
    const enough = [quiet(14), quiet(17), quiet(12), noisy(90), noisy(95)];
    expect([enough, [quiet(14), noisy(30)]].map(hasQuiet)).toEqual([true, false]);
    expect(summarize(enough, false)).toEqual({ median: 17, min: 12, quiet: 3, reps: 5 });
  });

  it("takes a repetition at the bound as noisy", () => {
    const at = (foreign: number) => ({ ms: 7, foreign });
    const below = quietShare - 1e-9;
    expect(summarize([at(quietShare), at(below), at(0)]).quiet).toBe(2);
  });

  it("does not claim quiet where the machine does not tell", () => {
    const unknown = { ms: 5, foreign: null };
    expect(summarize([unknown, unknown, unknown, unknown]).quiet).toBeNull();
  });
});
