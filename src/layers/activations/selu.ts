import * as tf from "../../engine/tf.js";
import type { Activation } from "./activation.js";

/** 1.0507 x above 0, 1.0507 * 1.6733 (exp(x) - 1) below: keeps mean 0 and variance 1. */
export const selu = {
  name: "selu",
  apply: (x) => tf.selu(x),
} as const satisfies Activation;
