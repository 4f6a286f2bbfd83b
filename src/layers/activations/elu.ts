import * as tf from "../../engine/tf.js";
import type { Activation } from "./activation.js";

/** x above 0, exp(x) - 1 below. */
export const elu = {
  name: "elu",
  apply: (x) => tf.elu(x),
} as const satisfies Activation;
