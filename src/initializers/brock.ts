import { fans } from "../core/shape.js";
import type { Initializer } from "./initializer.js";
import { scaledNormal } from "./variance-scaling.js";

/**
 * N(0, 2/((1 - 1/pi) fanIn)): unit variance of every output channel behind a ReLU, whose own
 * variance is (1 - 1/pi)/2 of a unit normal's. Used as an initialisation alone, without
 * standardising at run time.
 * Source: Brock et al. 2021, arXiv:2101.08692 (NF-ResNet); Civitelli et al. 2021, arXiv:2112.12299,
 * section 2.
 */
export function brock(): Initializer {
  return scaledNormal("brock", (shape) => 2 / (1 - 1 / Math.PI) / fans(shape).fanIn);
}
