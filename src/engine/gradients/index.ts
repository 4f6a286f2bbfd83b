import * as tf from "../tf.js";
import { activations } from "./activations.js";
import { arithmetic } from "./arithmetic.js";
import { convolution } from "./convolution.js";
import { elementwise } from "./elementwise.js";
import { flat } from "./flat.js";
import { layout } from "./layout.js";
import { matrixProduct } from "./matrix-product.js";
import { pooling } from "./pooling.js";
import { reductions } from "./reductions.js";

/** Every rule of ours; the Node build of TensorFlow.js comes without any. */
export const gradients: readonly tf.GradConfig[] = [
  ...arithmetic,
  ...elementwise,
  ...activations,
  ...flat,
  ...reductions,
  ...layout,
  ...matrixProduct,
  ...convolution,
  ...pooling,
];

let registered = false;

/** Makes TensorFlow.js differentiate by our rules; a second call does nothing. */
export function registerGradients(): void {
  if (registered) return;
  registered = true;
  for (const rule of gradients) tf.registerGradient(rule);
}
