import * as tf from "../engine/tf.js";
import { constant } from "../initializers/constant.js";
import type { Layer } from "./layer.js";
import { need } from "./scope.js";

/** Options of a scalar scale. */
export interface ScalarScaleOptions {
  /** Scale at the start. */
  readonly initial: number;
  /** Whether it is learnt; it is unless given. */
  readonly trainable?: boolean;
}

/** y = s x with one number s for the whole signal, any shape. Parameter: `scale` `[]`. */
export function scalarScale({ initial, trainable = true }: ScalarScaleOptions): Layer {
  const initializer = constant(initial);
  return {
    kind: "scalar-scale",
    parameters: () => [{ name: "scale", shape: [], initializer, role: "scale", trainable }],
    outShape: (inShape) => inShape,
    macs: () => 0,
    apply: (x, parameters) => tf.mul(x, need(parameters, "scale")),
  };
}
