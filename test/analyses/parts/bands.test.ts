import { describe, expect, it } from "vitest";
import { bandsOf, enoughSeeds, summarise } from "../../../src/analyses/parts/bands.js";
import { seriesOf } from "../../../src/analyses/parts/series.js";
import { type Planted, plantedRows, stagesOf } from "../synthetic-rows.js";

const choice = { statistic: "variance", direction: "forward", part: "output" } as const;

function bands(planted: Partial<Planted>) {
  const network: Planted = {
    architecture: "a",
    stages: stagesOf([2, 2]),
    value: () => 1,
    ...planted,
  };
  return bandsOf(seriesOf(plantedRows([network]), choice)[0]!, "p", "forward");
}

describe("bands over seeds", () => {
  it("span all values of few seeds", () => {
    expect(summarise([0.6, 1.3, 2])).toEqual({ mean: expect.closeTo(1.3, 12), low: 0.6, high: 2 });
  });

  it("are one standard error about the mean from five seeds on", () => {
    const values = [1, 2, 3, 4, 5];
    expect(values.length).toBe(enoughSeeds);
    const error = Math.sqrt(2.5 / 5);
    expect(summarise(values)).toEqual({
      mean: 3,
      low: expect.closeTo(3 - error, 12),
      high: expect.closeTo(3 + error, 12),
    });
  });

  it("stay positive for a log axis and finite at the ends of float64", () => {
    const wide = summarise([1e-200, 1e-200, 1e-200, 1e-200, 1e200]);
    expect(wide.low).toBeGreaterThan(0);
    expect(Number.isFinite(wide.high)).toBe(true);
  });

  it("mark where stages begin, but not the first", () => {
    expect(bands({}).map(({ starts }) => starts)).toEqual([false, false, true, false]);
  });

  it("drop what a log axis cannot show and mark the block before it", () => {
    const over = bands({ value: (k) => (k > 2 ? Number.POSITIVE_INFINITY : 1.3) });
    expect(over.map(({ block, end }) => [block, end])).toEqual([
      [1, ""],
      [2, "overflows"],
    ]);
    const none = bands({ value: (k) => (k > 3 ? 0 : 1.3) });
    expect(none.map(({ end }) => end)).toEqual(["", "", "is zero"]);
  });
});
