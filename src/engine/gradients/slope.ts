import * as tf from "../tf.js";
import { gradient } from "./gradient.js";

/** The rule of a function whose slope follows from its input. */
export function byInput(kernelName: string, slope: (x: tf.Tensor) => tf.Tensor): tf.GradConfig {
  return gradient(kernelName, { inputs: ["x"] }, (dy, [x]) => ({ x: () => tf.mul(dy, slope(x)) }));
}

/** The rule of a function whose slope follows from its value, which saves keeping the input. */
export function byOutput(kernelName: string, slope: (y: tf.Tensor) => tf.Tensor): tf.GradConfig {
  return gradient(kernelName, { output: true }, (dy, [y]) => ({ x: () => tf.mul(dy, slope(y)) }));
}
