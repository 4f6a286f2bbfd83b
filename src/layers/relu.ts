import { activation } from "./activation.js";
import type { Layer } from "./layer.js";

/** max(x, 0), any shape; the derivative at 0 is 0. */
export function relu(): Layer {
  return activation("relu");
}
