import * as tf from "../engine/tf.js";
import type { Layer } from "./layer.js";
import type { PoolOptions } from "./parts/pool.js";
import { poolShape, poolWindow } from "./parts/pool.js";

const kind = "max-pool";

/**
 * Maximum over windows of `[height, width, channels]`; padded cells are left out, as if they were
 * -infinity.
 * Throws `UserError` when the window does not fit.
 */
export function maxPool(options: PoolOptions): Layer {
  const window = poolWindow(kind, options);
  const { size, stride, padding } = window;
  return {
    kind,
    parameters: () => [],
    outShape: (inShape) => poolShape(kind, inShape, window),
    macs: () => 0,
    apply: (x) => {
      poolShape(kind, x.shape.slice(1), window);
      return tf.maxPool(x as tf.Tensor4D, size, stride, padding);
    },
  };
}
