import { UserError } from "../core/errors.js";
import type { Key } from "../core/random.js";
import { fold } from "../core/random.js";
import type { Shape } from "../core/shape.js";
import { formatShape } from "../core/shape.js";
import { haar } from "../linalg/qr.js";
import { atCentre, channelsOf, diagonalMatrix } from "./centre-tap.js";
import { deltaOrthogonal } from "./delta-orthogonal.js";
import type { Initializer } from "./initializer.js";
import { looksLinear } from "./looks-linear.js";

/*
 * Matrices here are [in, out], transposed against the paper's (out x in): the paper's U2 U1 is V1
 * V2. All parameters of one block share one random stream (`ParameterSpec.stream`); each draws what
 * it needs of U1, U2, ..., M from that key by name.
 */

/** Channels through a residual branch and the factor of its sum. */
export interface RisottoBlock {
  /** `[in, inner, ..., out]`: one more entry than the branch has convolutions. */
  readonly widths: readonly number[];
  /** Initial value of alpha in z = alpha f(x) + h(x); not 0. */
  readonly alpha: number;
}

/** Initializers of a block whose parameters share one random stream. */
export interface RisottoInitializers {
  /** One a convolution of the branch, in order. */
  readonly branch: readonly Initializer[];
  /** Of the 1x1 convolution on the shortcut; absent where the shortcut is the identity. */
  readonly shortcut?: Initializer;
}

/**
 * What the last convolution of a type B branch holds. `corrected`: (1/alpha)[[M-I, -M], [-M, M-I]],
 * exact for every alpha. `as-printed`: definition 2.9, looks-linear of M - I/alpha, which swaps the
 * halves of the input into the output. `appendix`: [[M - I/alpha, -M], [-M, M - I/alpha]], which
 * scales norms by |alpha|.
 */
export type TypeBVariant = "corrected" | "as-printed" | "appendix";

const half = (width: number): number => Math.floor(width / 2);

/** Row-major product of `[rows, inner]` and `[inner, cols]`. */
function product(
  a: Float64Array,
  b: Float64Array,
  rows: number,
  inner: number,
  cols: number,
): Float64Array {
  const out = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    const line = out.subarray(i * cols, (i + 1) * cols);
    for (let k = 0; k < inner; k++) {
      const factor = a[i * inner + k]!;
      for (let j = 0; j < cols; j++) line[j]! += factor * b[k * cols + j]!;
    }
  }
  return out;
}

/** V of convolution `index` (from 1), `[in/2, out/2]`. */
function branchMatrix({ widths }: RisottoBlock, index: number, key: Key): Float64Array {
  return haar(half(widths[index - 1]!), half(widths[index]!), fold(key, `U${index}`));
}

/** M, `[in/2, out/2]`. */
function blockMatrix({ widths }: RisottoBlock, key: Key): Float64Array {
  return haar(half(widths[0]!), half(widths.at(-1)!), fold(key, "M"));
}

/** V1 V2 ... of the whole branch, `[in/2, out/2]`. */
function branchProduct(block: RisottoBlock, key: Key): Float64Array {
  const { widths } = block;
  let all = branchMatrix(block, 1, key);
  for (let index = 2; index < widths.length; index++) {
    const next = branchMatrix(block, index, key);
    all = product(all, next, half(widths[0]!), half(widths[index - 1]!), half(widths[index]!));
  }
  return all;
}

/**
 * An initializer whose values are a matrix at the centre tap; the kernel must have these channels.
 */
function centred(
  name: string,
  inputs: number,
  outputs: number,
  matrix: (key: Key) => Initializer,
): Initializer {
  return {
    name,
    sample: (shape, key) => {
      const channels = channelsOf(shape);
      if (channels.inputs !== inputs || channels.outputs !== outputs)
        throw new Error(`${name}: kernel ${formatShape(shape)} is not ${inputs} -> ${outputs}`);
      return matrix(key).sample(shape, key);
    },
  };
}

/** A given matrix at the centre tap, as a base of `looksLinear`. */
function fixed(matrix: Float64Array): Initializer {
  return { name: "fixed", sample: (shape: Shape) => atCentre(shape, matrix) };
}

function checkBlock({ widths, alpha }: RisottoBlock, where: string): void {
  if (widths.length < 2 || widths.some((width) => width < 2))
    throw new UserError(`${where}: widths ${widths.join(", ")}; allowed: two or more, each >= 2`);
  if (!Number.isFinite(alpha) || alpha === 0)
    throw new UserError(`${where}: alpha is ${alpha}; allowed: finite and not 0`);
}

/**
 * The first layer [U; -U] at the centre tap, U Haar; an isometry up to the mirroring where out/2 >=
 * in.
 */
export function risottoStem(): Initializer {
  return looksLinear(deltaOrthogonal(), { first: true });
}

/**
 * Type C, a 1x1 convolution on the shortcut: branch LL(U1), LL(U2), ..., shortcut LL(M - alpha ...
 * U2 U1), so that the block's sum is LL(M) for every alpha and every inner width. Norms are kept
 * where out >= in and the stride is 1. Throws `UserError` on widths under 2 and alpha = 0.
 * Source: Gadhikar & Burkholz 2022, arXiv:2210.02411 (Risotto), definition 2.8; branches of three
 * by the same argument.
 */
export function risottoTypeC(block: RisottoBlock): Required<RisottoInitializers> {
  checkBlock(block, "risotto type C");
  const { widths, alpha } = block;
  const branch = widths
    .slice(1)
    .map((width, at) =>
      centred(`risotto-c.U${at + 1}`, widths[at]!, width, (key) =>
        looksLinear(fixed(branchMatrix(block, at + 1, key))),
      ),
    );
  const shortcut = centred("risotto-c.shortcut", widths[0]!, widths.at(-1)!, (key) => {
    const through = branchProduct(block, key);
    return looksLinear(fixed(blockMatrix(block, key).map((m, i) => m - alpha * through[i]!)));
  });
  return { branch, shortcut };
}

/** Whether type B can be exact: as many channels out as in, and no fewer in between. */
export function typeBFits(widths: readonly number[]): boolean {
  const channels = widths[0]!;
  return widths.at(-1) === channels && widths.every((width) => width >= channels);
}

/** Coefficients of the last matrix: `[[m M + i I, o M + j I], [same, same]]` by halves. */
function typeBSigns(variant: TypeBVariant, alpha: number) {
  if (variant === "corrected") return { m: 1 / alpha, i: -1 / alpha, o: -1 / alpha, j: 0 };
  if (variant === "appendix") return { m: 1, i: -1 / alpha, o: -1, j: 0 };
  return { m: 1, i: -1 / alpha, o: -1, j: 1 / alpha };
}

/** The last matrix of a type B branch, `[inner, out]`; channels beyond twice out/2 stay zero. */
function typeBMatrix(
  block: RisottoBlock,
  variant: TypeBVariant,
  inner: number,
  key: Key,
): Float64Array {
  const channels = block.widths[0]!;
  const n = half(channels);
  const all = blockMatrix(block, key);
  const { m, i, o, j } = typeBSigns(variant, block.alpha);
  const out = new Float64Array(inner * channels);
  for (let row = 0; row < n; row++) {
    for (let col = 0; col < n; col++) {
      const value = all[row * n + col]!;
      const unit = row === col ? 1 : 0;
      const same = m * value + i * unit;
      const other = o * value + j * unit;
      out[row * channels + col] = same;
      out[row * channels + n + col] = other;
      out[(n + row) * channels + col] = other;
      out[(n + row) * channels + n + col] = same;
    }
  }
  return out;
}

/**
 * Type B, an identity shortcut: delta kernels, then a last convolution that takes the identity away
 * again. Exact in the `corrected` variant; the two printed variants are kept for comparison. Throws
 * `UserError` where `typeBFits` is false: a narrower branch cannot carry the map, whose rank is
 * in/2.
 * Source: Gadhikar & Burkholz 2022, arXiv:2210.02411 (Risotto), definition 2.9 and appendix A.3,
 * corrected.
 */
export function risottoTypeB(
  block: RisottoBlock,
  variant: TypeBVariant = "corrected",
): RisottoInitializers {
  checkBlock(block, "risotto type B");
  const { widths } = block;
  if (!typeBFits(widths))
    throw new UserError(
      `risotto type B: widths ${widths.join(", ")}; allowed: as many out as in, none between smaller`,
    );
  const last = widths.length - 1;
  const branch = widths.slice(1).map((width, at) =>
    centred(`risotto-b.W${at + 1}`, widths[at]!, width, (key) => {
      const isLast = at + 1 === last;
      const matrix = isLast
        ? typeBMatrix(block, variant, widths[at]!, key)
        : diagonalMatrix(widths[at]!, width);
      return fixed(matrix);
    }),
  );
  return { branch };
}
