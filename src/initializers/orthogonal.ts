import type { Shape } from "../core/shape.js";
import { haar } from "../linalg/qr.js";
import { channelsOf } from "./centre-tap.js";
import type { GainOptions } from "./delta.js";
import type { Initializer } from "./initializer.js";

function flattened(shape: Shape): { readonly rows: number; readonly cols: number } {
  const { outputs } = channelsOf(shape);
  return { rows: shape.slice(0, -1).reduce((product, n) => product * n, 1), cols: outputs };
}

/**
 * `gain` times a Haar-distributed semi-orthogonal matrix `[kh*kw*in, out]`: orthonormal columns, or
 * rows where there are fewer of them. A kernel so drawn is orthogonal as a matrix, not as a
 * convolution.
 * Source: Saxe et al. 2014, arXiv:1312.6120, section 3.
 */
export function orthogonal({ gain = 1 }: GainOptions = {}): Initializer {
  return {
    name: "orthogonal",
    variance: (shape) => {
      const { rows, cols } = flattened(shape);
      return gain ** 2 / Math.max(rows, cols);
    },
    sample: (shape, key) => {
      const { rows, cols } = flattened(shape);
      return haar(rows, cols, key).map((value) => gain * value);
    },
  };
}
