import * as tf from "../engine/tf.js";
import { constant } from "../initializers/constant.js";
import type { Layer } from "./layer.js";
import { need } from "./scope.js";

/** Options of a scalar bias. */
export interface ScalarBiasOptions {
  /** Bias at the start; 0 unless given. */
  readonly initial?: number;
}

/** y = x + b with one number b for the whole signal, any shape. Parameter: `bias` `[]`. */
export function scalarBias({ initial = 0 }: ScalarBiasOptions = {}): Layer {
  const initializer = constant(initial);
  return {
    kind: "scalar-bias",
    parameters: () => [{ name: "bias", shape: [], initializer, role: "bias", trainable: true }],
    outShape: (inShape) => inShape,
    macs: () => 0,
    apply: (x, parameters) => tf.add(x, need(parameters, "bias")),
  };
}
