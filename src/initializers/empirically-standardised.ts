import { UserError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import type { Initializer } from "./initializer.js";

/**
 * Shifts and scales in place to mean 0 and mean square `variance`; false where all values are
 * equal.
 */
function standardise(values: Float64Array, variance: number): boolean {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let square = 0;
  for (const value of values) square += (value - mean) ** 2;
  if (square === 0) return false;
  const factor = Math.sqrt((variance * values.length) / square);
  for (let i = 0; i < values.length; i++) values[i] = (values[i]! - mean) * factor;
  return true;
}

/**
 * Draws from `base`, then shifts and scales each tensor so that its mean over entries is 0 and its
 * variance over entries (divisor n) exactly the base's. Throws `UserError` when the base has no
 * variance of its own, or the tensor no two different values.
 * Source: Civitelli et al. 2021, arXiv:2112.12299, section 3.
 */
export function empiricallyStandardised(base: Initializer): Initializer {
  if (base.variance === undefined)
    throw new UserError(`initializer "${base.name}" has no variance to standardise to`);
  const variance = base.variance.bind(base);
  const name = `standardised(${base.name})`;
  return {
    name,
    variance,
    sample: (shape, key) => {
      const values = Float64Array.from(base.sample(shape, key));
      if (!standardise(values, variance(shape)))
        throw new UserError(
          `initializer "${name}": the entries of a ${formatShape(shape)} tensor are all equal, which has no variance`,
        );
      return values;
    },
  };
}
