import type { Key } from "../core/random.js";
import { fold, normal } from "../core/random.js";
import type { Shape } from "../core/shape.js";
import { fans, sizeOf } from "../core/shape.js";
import type { Initializer } from "./initializer.js";

/** Options of the truncated normal distribution. */
export interface TruncatedNormalOptions {
  /** Standard deviation before truncation; 1/sqrt(fanIn), Haiku's default, unless given. */
  readonly standardDeviation?: number;
  /**
   * True to divide by 0.8796, so that the truncated entries have that deviation. False unless
   * given.
   */
  readonly corrected?: boolean;
}

const cut = 2;

/**
 * Variance of a standard normal number given that it lies within two: 1 - 4 phi(2) / erf(sqrt 2).
 */
export const truncatedVariance = 0.773741303549927;

/**
 * `n` standard normal numbers within the cut: those outside are drawn again, each from its own
 * place.
 */
function withinCut(key: Key, n: number): Float64Array {
  const values = normal(key, n);
  let outside: number[] = [];
  values.forEach((value, i) => {
    if (Math.abs(value) > cut) outside.push(i);
  });
  for (let round = 1; outside.length > 0; round++) {
    const fresh = normal(fold(key, `redraw ${round}`), outside.length);
    outside.forEach((i, at) => {
      values[i] = fresh[at]!;
    });
    outside = outside.filter((i) => Math.abs(values[i]!) > cut);
  }
  return values;
}

/**
 * Normal entries cut at two standard deviations. As in Haiku the deviation is that before the cut,
 * so the variance is 0.7737 of its square unless `corrected`.
 * Source: Haiku, `hk.initializers.TruncatedNormal` and the default of `hk.Conv2D`.
 */
export function truncatedNormal(options: TruncatedNormalOptions = {}): Initializer {
  const deviationOf = (shape: Shape): number => {
    const plain = options.standardDeviation ?? 1 / Math.sqrt(fans(shape).fanIn);
    return options.corrected === true ? plain / Math.sqrt(truncatedVariance) : plain;
  };
  return {
    name: "truncated-normal",
    variance: (shape) => deviationOf(shape) ** 2 * truncatedVariance,
    sample: (shape, key) => {
      const deviation = deviationOf(shape);
      return withinCut(key, sizeOf(shape)).map((value) => deviation * value);
    },
  };
}
