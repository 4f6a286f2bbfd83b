import { fold, uniform } from "../core/random.js";
import * as tf from "../engine/tf.js";
import type { Layer } from "./layer.js";
import { shapeError } from "./parts/shape-error.js";

const kind = "dropout";

/**
 * Inverted dropout, any shape: in training an entry is 0 with probability `rate`, else divided by
 * 1 - rate.
 * The mask follows from `context.key` alone, so equal keys drop equal entries. Off unless
 * `context.training`.
 * `rate` is in [0, 1); throws `UserError` otherwise.
 */
export function dropout({ rate }: { readonly rate: number }): Layer {
  if (!(rate >= 0 && rate < 1)) throw shapeError(kind, `rate is ${rate}`, "0 <= rate < 1");
  return {
    kind,
    parameters: () => [],
    outShape: (inShape) => inShape,
    macs: () => 0,
    apply: (x, _parameters, context) => {
      if (!context.training || rate === 0) return x;
      const draws = uniform(fold(context.key, "mask"), x.size);
      const mask = Float32Array.from(draws, (u) => (u < rate ? 0 : 1 / (1 - rate)));
      return tf.mul(x, tf.tensor(mask, x.shape, "float32"));
    },
  };
}
