import { haar } from "../linalg/qr.js";
import { atCentre, channelsOf } from "./centre-tap.js";
import type { GainOptions } from "./delta.js";
import type { Initializer } from "./initializer.js";

/**
 * `gain` times a Haar-distributed semi-orthogonal matrix at the centre tap, zero elsewhere: as a
 * convolution of stride 1 an isometry where out >= in, a co-isometry otherwise.
 * Source: Xiao et al. 2018, arXiv:1806.05393, algorithm 1.
 */
export function deltaOrthogonal({ gain = 1 }: GainOptions = {}): Initializer {
  return {
    name: "delta-orthogonal",
    sample: (shape, key) => {
      const { inputs, outputs } = channelsOf(shape);
      return atCentre(
        shape,
        haar(inputs, outputs, key).map((value) => gain * value),
      );
    },
  };
}
