import { describe, expect, it } from "vitest";
import { fold, keyOf } from "../../src/core/random.js";
import type { Initializer } from "../../src/initializers/index.js";
import {
  brock,
  heFanIn,
  heFanInUniform,
  heFanOut,
  heFanOutUniform,
  lecun,
  lecunUniform,
  orthogonal,
  pytorchBias,
  pytorchConv,
  scaled,
  truncatedNormal,
  xavier,
  xavierUniform,
} from "../../src/initializers/index.js";

// A kernel with fan-in 3*5*12 = 180 and fan-out 3*5*20 = 300.
const shape = [3, 5, 12, 20];
const gaussian = 3;
const flat = 9 / 5;

/** Second and fourth moment of a standard normal number cut at 2, from its density. */
function truncatedMoments(): { readonly second: number; readonly fourth: number } {
  const steps = 20_000;
  const h = 4 / steps;
  let [mass, second, fourth] = [0, 0, 0];
  for (let i = 0; i < steps; i++) {
    const z = -2 + (i + 0.5) * h;
    const density = Math.exp(-(z ** 2) / 2);
    mass += density;
    second += density * z ** 2;
    fourth += density * z ** 4;
  }
  return { second: second / mass, fourth: fourth / mass };
}

const cut = truncatedMoments();
const cutKurtosis = cut.fourth / cut.second ** 2;

const cases: readonly [Initializer, number, number][] = [
  [heFanIn(), 2 / 180, gaussian],
  [heFanInUniform(), 2 / 180, flat],
  [heFanOut(), 2 / 300, gaussian],
  [heFanOutUniform(), 2 / 300, flat],
  [brock(), 2 / (1 - 1 / Math.PI) / 180, gaussian],
  [lecun(), 1 / 180, gaussian],
  [lecunUniform(), 1 / 180, flat],
  [xavier(), 2 / 480, gaussian],
  [xavierUniform(), 2 / 480, flat],
  [pytorchConv(), 1 / (3 * 180), flat],
  [pytorchBias(70), 1 / (3 * 70), flat],
  [truncatedNormal(), cut.second / 180, cutKurtosis],
  [truncatedNormal({ standardDeviation: 0.6 }), 0.36 * cut.second, cutKurtosis],
  [truncatedNormal({ standardDeviation: 0.6, corrected: true }), 0.36, cutKurtosis],
  [scaled(heFanOut(), 0.6), (0.36 * 2) / 300, gaussian],
];

describe("independent entries", () => {
  it.each(cases)("$name states its variance", (initializer, variance) => {
    // The quadrature of the truncated moments has 2e4 steps, an error of 1e-9.
    expect(initializer.variance?.(shape)).toBeCloseTo(variance, 8);
  });

  it.each(cases)("$name has mean 0 and that variance", (initializer, variance, kurtosis) => {
    const draws = 30;
    const n = draws * 3600;
    let [sum, square] = [0, 0];
    for (let i = 0; i < draws; i++) {
      for (const x of initializer.sample(shape, fold(keyOf(5), `draw ${i}`))) {
        sum += x;
        square += x ** 2;
      }
    }
    // Five standard errors; Var x^2 = (kurtosis - 1) variance^2.
    expect(Math.abs(sum / n)).toBeLessThan(5 * Math.sqrt(variance / n));
    expect(Math.abs(square / n / variance - 1)).toBeLessThan(5 * Math.sqrt((kurtosis - 1) / n));
  });

  it("stay within the bounds of the uniform and truncated distributions", () => {
    const largest = (initializer: Initializer) =>
      initializer.sample(shape, keyOf(6)).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    // Of 3600 uniform draws the largest lies within 1 % of the bound but for odds of e^-36.
    const bound = Math.sqrt(6 / 180);
    expect(largest(heFanInUniform())).toBeLessThanOrEqual(bound);
    expect(largest(heFanInUniform())).toBeGreaterThan(0.99 * bound);
    expect(largest(pytorchConv())).toBeLessThanOrEqual(1 / Math.sqrt(180));
    expect(largest(truncatedNormal({ standardDeviation: 1.3 }))).toBeLessThanOrEqual(2.6);
    expect(largest(truncatedNormal({ standardDeviation: 1.3 }))).toBeGreaterThan(2.3);
  });
});

describe("orthogonal entries", () => {
  it.each([
    [[3, 3, 4, 10], 1 / 36],
    [[2, 30], 1 / 30],
  ])("of shape %j have variance gain^2 / max(rows, cols), exactly on average", (sizes, unit) => {
    const initializer = orthogonal({ gain: 1.3 });
    const values = initializer.sample(sizes, keyOf(8));
    const square = values.reduce((sum, x) => sum + x ** 2, 0) / values.length;
    // Semi-orthogonal matrices have a fixed sum of squares, min(rows, cols) gain^2; the rest is
    // rounding.
    expect(square).toBeCloseTo(1.69 * unit, 12);
    expect(initializer.variance?.(sizes)).toBeCloseTo(1.69 * unit, 12);
  });
});
