import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  momentStatistics,
  scaleStatistics,
  statisticNames,
  uniformStatistics,
} from "../../src/core/moments.js";
import { keyOf, normal } from "../../src/core/random.js";

interface Signal {
  readonly samples: number;
  readonly positions: number;
  readonly channels: number;
  readonly x: Float64Array;
}

function signal(seed: number, samples: number, positions: number, channels: number, offset = 0) {
  const x = normal(keyOf(seed), samples * positions * channels).map((v) => 1.3 * v + offset);
  return { samples, positions, channels, x };
}

function momentsOf({ samples, positions, channels, x }: Signal) {
  const means = new Float64Array(samples * channels);
  const squares = new Float64Array(samples * channels);
  for (let n = 0; n < samples; n++)
    for (let p = 0; p < positions; p++)
      for (let c = 0; c < channels; c++) {
        const value = x[(n * positions + p) * channels + c]!;
        means[n * channels + c] = means[n * channels + c]! + value / positions;
        squares[n * channels + c] = squares[n * channels + c]! + value ** 2 / positions;
      }
  return { samples, channels, means, squares };
}

const mean = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, v) => sum + v, 0) / values.length;
const variance = (values: ArrayLike<number>) => {
  const m = mean(values);
  return mean(Array.from(values, (v) => (v - m) ** 2));
};

/** The definitions, written out in two passes. */
function plain({ channels, x }: Signal) {
  const byChannel = Array.from({ length: channels }, (_, c) =>
    Array.from(x).filter((_, i) => i % channels === c),
  );
  return {
    variance: variance(x),
    averageChannelVariance: mean(byChannel.map(variance)),
    averageChannelSquaredMean: mean(byChannel.map((values) => mean(values) ** 2)),
    meanSquare: mean(x.map((v) => v * v)),
  };
}

function without(s: Signal, n: number): Signal {
  const size = s.positions * s.channels;
  const x = s.x.filter((_, i) => Math.floor(i / size) !== n);
  return { ...s, samples: s.samples - 1, x };
}

describe("moment statistics", () => {
  const sizes = fc.tuple(
    fc.nat(1000),
    fc.integer({ min: 1, max: 6 }),
    fc.integer({ min: 1, max: 5 }),
  );

  it("equal their definitions for any shape and offset", () => {
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 1, max: 4 }),
        fc.double({ min: -1000, max: 1000, noNaN: true }),
        ([seed, samples, channels], positions, offset) => {
          const s = signal(seed, samples, positions, channels, offset);
          const measured = momentStatistics(momentsOf(s));
          const expected = plain(s);
          // Two numbers of the size of the mean square are subtracted: 120 sums of 1.1e-16 each at the most.
          const tolerance = 1.4e-14 * (1 + expected.meanSquare);
          for (const name of statisticNames)
            expect(Math.abs(measured[name].value - expected[name])).toBeLessThan(tolerance);
        },
      ),
    );
  });

  it("give the jackknife error of the definitions", () => {
    const s = signal(7, 6, 3, 4, 0.6);
    const measured = momentStatistics(momentsOf(s));
    for (const name of statisticNames) {
      const leftOut = Array.from({ length: 6 }, (_, n) => plain(without(s, n))[name]);
      const expected = Math.sqrt(5 * variance(leftOut));
      expect(measured[name].standardError).toBeCloseTo(expected, 12);
    }
  });

  it("have an error that shrinks to the known one of a mean square of normals", () => {
    const samples = 4000;
    const measured = momentStatistics(momentsOf(signal(3, samples, 1, 1)));
    // The standard error of the mean of (1.3 z)² is 1.3² sqrt(2/n); its own relative error is about 1/sqrt(n/4).
    const expected = 1.69 * Math.sqrt(2 / samples);
    expect(measured.meanSquare.standardError! / expected).toBeGreaterThan(0.9);
    expect(measured.meanSquare.standardError! / expected).toBeLessThan(1.1);
  });

  it("give no error for one sample", () => {
    const measured = momentStatistics(momentsOf(signal(3, 1, 5, 2)));
    for (const name of statisticNames) expect(measured[name].standardError).toBeNull();
  });

  it("are quadratic in the signal", () => {
    const s = signal(11, 4, 2, 3, 0.6);
    const scaled = scaleStatistics(momentStatistics(momentsOf(s)), 0.6);
    const direct = momentStatistics(momentsOf({ ...s, x: s.x.map((v) => 0.6 * v) }));
    for (const name of statisticNames) {
      expect(scaled[name].value).toBeCloseTo(direct[name].value, 13);
      expect(scaled[name].standardError).toBeCloseTo(direct[name].standardError!, 13);
    }
  });

  it("never are negative, even for a constant signal in float32", () => {
    const means = Float32Array.from({ length: 12 }, () => 1.3);
    const squares = Float32Array.from({ length: 12 }, () => 1.3 * 1.3);
    const measured = momentStatistics({ samples: 4, channels: 3, means, squares });
    expect(measured.variance.value).toBeGreaterThanOrEqual(0);
    // Documented cancellation: float32 inputs leave 1e-7 of the mean square.
    expect(measured.variance.value).toBeLessThan(2e-7 * measured.meanSquare.value);
  });

  it("carry a value that is the same everywhere", () => {
    expect(uniformStatistics(Number.POSITIVE_INFINITY).variance).toEqual({
      value: Number.POSITIVE_INFINITY,
      standardError: null,
    });
    expect(uniformStatistics(0).meanSquare).toEqual({ value: 0, standardError: 0 });
  });
});
