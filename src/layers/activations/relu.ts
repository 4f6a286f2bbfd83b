import * as tf from "../../engine/tf.js";
import type { Activation } from "./activation.js";

/** max(x, 0); the derivative at 0 is 0. */
export const relu = {
  name: "relu",
  apply: (x) => tf.relu(x),
} as const satisfies Activation;
