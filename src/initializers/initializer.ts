import type { Key } from "../core/random.js";
import type { Shape } from "../core/shape.js";

/**
 * A distribution of weights: `(shape, key) -> values`, row-major, float64.
 * Kernels are `[kh, kw, in, out]`, matrices `[in, out]`, vectors `[n]`.
 */
export interface Initializer {
  /** As named in options: `he-fan-in`, `orthogonal`, ... */
  readonly name: string;
  sample(shape: Shape, key: Key): Float64Array;
  /**
   * Exact variance of one entry for this shape, where it is a random variable of known variance.
   */
  variance?(shape: Shape): number;
}
