import { fans } from "../core/shape.js";
import type { Initializer } from "./initializer.js";
import { scaledUniform } from "./variance-scaling.js";

/**
 * Uniform in [-sqrt(6/fanOut), sqrt(6/fanOut)): variance 2/fanOut.
 * Source: He et al. 2015, arXiv:1502.01852, eq. 14.
 */
export function heFanOutUniform(): Initializer {
  return scaledUniform("he-fan-out-uniform", (shape) => 2 / fans(shape).fanOut);
}
