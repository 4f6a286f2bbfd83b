import { atCentre, channelsOf, diagonalMatrix } from "./centre-tap.js";
import type { Initializer } from "./initializer.js";

/** Options of delta and orthogonal initialisations. */
export interface GainOptions {
  /** Every non-zero singular value; 1 unless given. */
  readonly gain?: number;
}

/**
 * The delta kernel: `gain` at (i, i, centre) for i < min(in, out), zero elsewhere. The centre of an
 * even size is tap size/2, as in PyTorch's `dirac_`.
 * Source: Qi et al. 2020, arXiv:2006.16992 (ISONet), eq. 8.
 */
export function delta({ gain = 1 }: GainOptions = {}): Initializer {
  return {
    name: "delta",
    sample: (shape) => {
      const { inputs, outputs } = channelsOf(shape);
      return atCentre(shape, diagonalMatrix(inputs, outputs, gain));
    },
  };
}
