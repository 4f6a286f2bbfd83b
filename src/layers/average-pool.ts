import * as tf from "../engine/tf.js";
import type { Layer } from "./layer.js";
import type { PoolOptions } from "./parts/pool.js";
import { poolShape, poolWindow } from "./parts/pool.js";

export type { PoolOptions } from "./parts/pool.js";

const kind = "average-pool";

/**
 * Mean over windows of `[height, width, channels]`; padded cells count as zeros, as PyTorch's
 * default does.
 * Throws `UserError` when the window does not fit.
 */
export function averagePool(options: PoolOptions): Layer {
  const window = poolWindow(kind, options);
  const { size, stride, padding } = window;
  const sides = [padding, padding] as [number, number];
  return {
    kind,
    parameters: () => [],
    outShape: (inShape) => poolShape(kind, inShape, window),
    macs: () => 0,
    apply: (x, _parameters) => {
      poolShape(kind, x.shape.slice(1), window);
      // The engine's own padding leaves padded cells out of the count.
      const padded = padding === 0 ? x : tf.pad(x, [[0, 0], sides, sides, [0, 0]]);
      return tf.avgPool(padded as tf.Tensor4D, size, stride, 0);
    },
  };
}
