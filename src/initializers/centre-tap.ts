import type { Shape } from "../core/shape.js";
import { formatShape, sizeOf } from "../core/shape.js";

/**
 * Inputs and outputs of a kernel `[...taps, in, out]`; throws `RangeError` where there are none.
 */
export function channelsOf(shape: Shape): { readonly inputs: number; readonly outputs: number } {
  const [inputs, outputs] = [shape.at(-2), shape.at(-1)];
  if (inputs === undefined || outputs === undefined)
    throw new RangeError(`shape ${formatShape(shape)}: need a matrix [in, out] or a kernel`);
  return { inputs, outputs };
}

/**
 * Offset of the centre tap's matrix in a kernel: tap floor(size/2) on every axis, as PyTorch's
 * `dirac_`.
 */
function centreOffset(shape: Shape): number {
  const { inputs, outputs } = channelsOf(shape);
  const tap = shape.slice(0, -2).reduce((at, size) => at * size + Math.floor(size / 2), 0);
  return tap * inputs * outputs;
}

/**
 * A kernel that is `matrix` at its centre tap and zero elsewhere. `matrix` is row-major `[in,
 * out]`; a kernel without taps is the matrix itself.
 */
export function atCentre(shape: Shape, matrix: Float64Array): Float64Array {
  const kernel = new Float64Array(sizeOf(shape));
  kernel.set(matrix, centreOffset(shape));
  return kernel;
}

/** The matrix `[rows, cols]`, row-major, that is `value` at (i, i) and zero elsewhere. */
export function diagonalMatrix(rows: number, cols: number, value = 1): Float64Array {
  const matrix = new Float64Array(rows * cols);
  for (let i = 0; i < Math.min(rows, cols); i++) matrix[i * cols + i] = value;
  return matrix;
}
