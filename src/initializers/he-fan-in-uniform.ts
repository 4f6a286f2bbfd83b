import { fans } from "../core/shape.js";
import type { Initializer } from "./initializer.js";
import { scaledUniform } from "./variance-scaling.js";

/**
 * Uniform in [-sqrt(6/fanIn), sqrt(6/fanIn)): variance 2/fanIn.
 * Source: He et al. 2015, arXiv:1502.01852, eq. 10.
 */
export function heFanInUniform(): Initializer {
  return scaledUniform("he-fan-in-uniform", (shape) => 2 / fans(shape).fanIn);
}
