import { fans } from "../core/shape.js";
import type { Initializer } from "./initializer.js";
import { scaledNormal } from "./variance-scaling.js";

/**
 * N(0, 2/fanOut): keeps the mean square of a ReLU network's gradients backward.
 * Source: He et al. 2015, arXiv:1502.01852, eq. 14.
 */
export function heFanOut(): Initializer {
  return scaledNormal("he-fan-out", (shape) => 2 / fans(shape).fanOut);
}
