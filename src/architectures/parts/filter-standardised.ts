import { fans } from "../../core/shape.js";
import type { Initializer } from "../../initializers/initializer.js";

/** Shifts and scales entries `at, at + step, ...` to mean 0 and mean square `variance`. */
function standardiseEvery(values: Float64Array, at: number, step: number, variance: number): void {
  const count = values.length / step;
  let sum = 0;
  for (let i = at; i < values.length; i += step) sum += values[i]!;
  const mean = sum / count;
  let square = 0;
  for (let i = at; i < values.length; i += step) square += (values[i]! - mean) ** 2;
  const factor = Math.sqrt((variance * count) / square);
  for (let i = at; i < values.length; i += step) values[i] = (values[i]! - mean) * factor;
}

/**
 * Draws from `base`, then shifts and scales each filter (all weights of one output channel) so that
 * its mean is 0 and its variance exactly the base's. A filter of one weight has no variance and
 * stays as drawn. Throws `Error` on a base without a variance.
 * Source: Brock et al. 2021, arXiv:2101.08692 (NF-ResNet); Civitelli et al. 2021, arXiv:2112.12299,
 * eq. 3.
 */
export function filterStandardised(base: Initializer): Initializer {
  const { variance } = base;
  if (variance === undefined) throw new Error(`initializer "${base.name}" has no variance`);
  return {
    name: `filter-standardised(${base.name})`,
    variance: (shape) => variance(shape),
    sample: (shape, key) => {
      const values = Float64Array.from(base.sample(shape, key));
      const filters = shape.at(-1) ?? 1;
      if (fans(shape).fanIn < 2) return values;
      for (let filter = 0; filter < filters; filter++)
        standardiseEvery(values, filter, filters, variance(shape));
      return values;
    },
  };
}
