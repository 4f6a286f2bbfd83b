import * as tf from "../../engine/tf.js";
import type { Activation } from "./activation.js";

/** Hyperbolic tangent. */
export const tanh = {
  name: "tanh",
  apply: (x) => tf.tanh(x),
} as const satisfies Activation;
