import { fans } from "../core/shape.js";
import type { Initializer } from "./initializer.js";
import { scaledNormal } from "./variance-scaling.js";

/**
 * N(0, 2/(fanIn + fanOut)): between what keeps signals and what keeps gradients.
 * Source: Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward
 * networks", eq. 12.
 */
export function xavier(): Initializer {
  return scaledNormal("xavier", (shape) => {
    const { fanIn, fanOut } = fans(shape);
    return 2 / (fanIn + fanOut);
  });
}
