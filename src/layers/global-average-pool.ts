import * as tf from "../engine/tf.js";
import type { Layer } from "./layer.js";
import { imageAxes } from "./parts/shape-error.js";

const kind = "global-average-pool";

/**
 * Mean of every channel: `[height, width, channels]` becomes `[channels]`. Throws `UserError` on
 * another rank.
 */
export function globalAveragePool(): Layer {
  return {
    kind,
    parameters: () => [],
    outShape: (inShape) => [imageAxes(kind, inShape)[2]],
    macs: () => 0,
    apply: (x) => {
      imageAxes(kind, x.shape.slice(1));
      return tf.mean(x, [1, 2]);
    },
  };
}
