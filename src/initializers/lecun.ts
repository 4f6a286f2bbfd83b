import { fans } from "../core/shape.js";
import type { Initializer } from "./initializer.js";
import { scaledNormal } from "./variance-scaling.js";

/**
 * N(0, 1/fanIn): keeps the mean square of a linear network forward.
 * Source: LeCun et al. 1998, "Efficient BackProp", eq. 16.
 */
export function lecun(): Initializer {
  return scaledNormal("lecun", (shape) => 1 / fans(shape).fanIn);
}
