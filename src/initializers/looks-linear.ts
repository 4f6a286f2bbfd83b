import type { Shape } from "../core/shape.js";
import { sizeOf } from "../core/shape.js";
import { channelsOf } from "./centre-tap.js";
import type { Initializer } from "./initializer.js";

/** Options of a looks-linear initialisation. */
export interface LooksLinearOptions {
  /** A first layer reads a plain signal instead of mirrored halves: [U; -U]. False unless given. */
  readonly first?: boolean;
}

/**
 * Block signs over input halves (rows) and output halves (columns), for kernels `[..., in, out]`.
 */
const mirrored = [
  [1, -1],
  [-1, 1],
] as const;
const doubled = [[1, -1]] as const;

/** Copies `part` `[in, out]` into `kernel` once a block, with the block's sign. */
function tile(
  kernel: Float64Array,
  shape: Shape,
  part: Float64Array,
  partShape: Shape,
  signs: readonly (readonly number[])[],
): Float64Array {
  const { inputs, outputs } = channelsOf(shape);
  const { inputs: rows, outputs: cols } = channelsOf(partShape);
  part.forEach((value, index) => {
    const col = index % cols;
    const row = Math.floor(index / cols) % rows;
    const tap = Math.floor(index / (cols * rows));
    signs.forEach((line, blockRow) => {
      const at = (tap * inputs + blockRow * rows + row) * outputs + col;
      line.forEach((sign, blockCol) => {
        kernel[at + blockCol * cols] = sign * value;
      });
    });
  });
  return kernel;
}

/**
 * Looks-linear weights over any base U of half the channels: [[U, -U], [-U, U]], or [U; -U] for a
 * first layer. On inputs [relu z; relu -z] the outputs are [Uz; -Uz], so ReLU networks act
 * linearly. With an odd width the last channel stays zero.
 * Source: Balduzzi et al. 2017, arXiv:1702.08591, section 4; Gadhikar & Burkholz 2022,
 * arXiv:2210.02411 (Risotto), definition 2.7.
 */
export function looksLinear(base: Initializer, options: LooksLinearOptions = {}): Initializer {
  const first = options.first ?? false;
  return {
    name: `looks-linear(${base.name})`,
    sample: (shape, key) => {
      const { inputs, outputs } = channelsOf(shape);
      const half = [first ? inputs : Math.floor(inputs / 2), Math.floor(outputs / 2)];
      const partShape = [...shape.slice(0, -2), ...half];
      const part = sizeOf(partShape) === 0 ? new Float64Array(0) : base.sample(partShape, key);
      const kernel = new Float64Array(sizeOf(shape));
      return tile(kernel, shape, part, partShape, first ? doubled : mirrored);
    },
  };
}
