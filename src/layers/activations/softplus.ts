import * as tf from "../../engine/tf.js";
import type { Activation } from "./activation.js";

/** ln(1 + exp(x)). */
export const softplus = {
  name: "softplus",
  apply: (x) => tf.softplus(x),
} as const satisfies Activation;
