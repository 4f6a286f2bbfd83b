import * as tf from "../../engine/tf.js";
import type { Activation } from "./activation.js";

const slope = 0.01;

/** max(x, 0.01 x); the derivative at 0 is 0.01. */
export const leakyRelu = {
  name: "leaky-relu",
  apply: (x) => tf.leakyRelu(x, slope),
} as const satisfies Activation;
