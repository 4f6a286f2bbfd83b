import * as tf from "../../engine/tf.js";
import type { Activation } from "./activation.js";

/** x P(N(0,1) < x) = x (1 + erf(x / sqrt 2)) / 2, the exact form rather than that of tanh. */
export const gelu = {
  name: "gelu",
  apply: (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
} as const satisfies Activation;
