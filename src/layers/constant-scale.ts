import * as tf from "../engine/tf.js";
import type { Layer } from "./layer.js";

/** y = factor x with a number that is never learnt, any shape. */
export function constantScale({ factor }: { readonly factor: number }): Layer {
  return {
    kind: "constant-scale",
    parameters: () => [],
    outShape: (inShape) => inShape,
    macs: () => 0,
    apply: (x) => tf.mul(x, factor),
  };
}
