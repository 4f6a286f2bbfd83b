import * as tf from "../tf.js";
import { activations } from "./activations.js";
import { arithmetic } from "./arithmetic.js";
import { convolution } from "./convolution.js";
import { elementwise } from "./elementwise.js";
import { flat } from "./flat.js";
import { indices } from "./indices.js";
import { layout } from "./layout.js";
import { matrixProduct } from "./matrix-product.js";
import { normalisation } from "./normalisation.js";
import { pooling } from "./pooling.js";
import { reductions } from "./reductions.js";
import { orderTape } from "./tape.js";
import { trigonometry } from "./trigonometry.js";

/** Every rule of ours; the Node build of TensorFlow.js comes without any. */
export const gradients: readonly tf.GradConfig[] = [
  ...arithmetic,
  ...elementwise,
  ...trigonometry,
  ...activations,
  ...flat,
  ...reductions,
  ...layout,
  ...indices,
  ...matrixProduct,
  ...convolution,
  ...pooling,
  ...normalisation,
];

let registered = false;

/** Makes TensorFlow.js differentiate by our rules; a second call does nothing. */
export function registerGradients(): void {
  if (registered) return;
  registered = true;
  for (const rule of gradients) tf.registerGradient(rule);
  orderTape();
}
