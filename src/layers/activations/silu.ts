import * as tf from "../../engine/tf.js";
import type { Activation } from "./activation.js";

/** x / (1 + exp(-x)), also called swish. */
export const silu = {
  name: "silu",
  apply: (x) => tf.mul(x, tf.sigmoid(x)),
} as const satisfies Activation;
