import { fans } from "../core/shape.js";
import type { Initializer } from "./initializer.js";
import { scaledNormal } from "./variance-scaling.js";

/**
 * N(0, 2/fanIn): keeps the mean square of a ReLU network forward.
 * Source: He et al. 2015, arXiv:1502.01852, eq. 10.
 */
export function heFanIn(): Initializer {
  return scaledNormal("he-fan-in", (shape) => 2 / fans(shape).fanIn);
}
