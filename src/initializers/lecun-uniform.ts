import { fans } from "../core/shape.js";
import type { Initializer } from "./initializer.js";
import { scaledUniform } from "./variance-scaling.js";

/**
 * Uniform in [-sqrt(3/fanIn), sqrt(3/fanIn)): variance 1/fanIn.
 * Source: LeCun et al. 1998, "Efficient BackProp", eq. 16.
 */
export function lecunUniform(): Initializer {
  return scaledUniform("lecun-uniform", (shape) => 1 / fans(shape).fanIn);
}
