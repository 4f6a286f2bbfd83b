import { fans } from "../core/shape.js";
import type { Initializer } from "./initializer.js";
import { scaledUniform } from "./variance-scaling.js";

/**
 * Uniform in [-sqrt(6/(fanIn + fanOut)), sqrt(6/(fanIn + fanOut))): between what keeps signals and
 * what keeps gradients.
 * Source: Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward
 * networks", eq. 12.
 */
export function xavierUniform(): Initializer {
  return scaledUniform("xavier-uniform", (shape) => {
    const { fanIn, fanOut } = fans(shape);
    return 2 / (fanIn + fanOut);
  });
}
