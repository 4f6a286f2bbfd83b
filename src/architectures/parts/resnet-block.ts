import { batchNorm } from "../../layers/batch-norm.js";
import { identity } from "../../layers/identity.js";
import type { Layer } from "../../layers/layer.js";
import type { ResidualOptions } from "../../layers/residual.js";
import { residual } from "../../layers/residual.js";
import { serial } from "../../layers/serial.js";
import { subsample } from "../../layers/subsample.js";
import type { Convolution } from "./branch.js";
import { branchConvolutions, keepsShape, shortcutConvolution } from "./branch.js";
import type { shortcutKinds } from "./resnet-options.js";
import type { Place, Trunk } from "./trunk.js";

type Parts = Readonly<Record<string, Layer>>;

/** How the blocks of a network are made. */
export interface BlockStyle {
  readonly order: "post" | "pre";
  readonly skip: boolean;
  readonly shortcut: (typeof shortcutKinds)[number];
  /** Whether batch norm stands with every convolution. */
  readonly normalised: boolean;
  readonly zeroGamma: boolean;
  convolve(convolution: Convolution): Layer;
  activate(): Layer;
}

function norm(style: BlockStyle, name: string, scale = 1): Parts {
  return style.normalised ? { [name]: batchNorm({ scale }) } : {};
}

/** conv, bn, activation, conv, bn: the last activation follows the sum. */
function postBranch(style: BlockStyle, convolutions: readonly Convolution[]): Parts {
  const parts: Record<string, Layer> = {};
  convolutions.forEach((convolution, i) => {
    const last = i === convolutions.length - 1;
    parts[`conv${i + 1}`] = style.convolve(convolution);
    Object.assign(parts, norm(style, `bn${i + 1}`, last && style.zeroGamma ? 0 : 1));
    if (!last) parts[`activation${i + 1}`] = style.activate();
  });
  return parts;
}

/** conv, bn, activation, conv: the first batch norm and activation are shared with the shortcut. */
function preBranch(style: BlockStyle, convolutions: readonly Convolution[]): Parts {
  const parts: Record<string, Layer> = {};
  convolutions.forEach((convolution, i) => {
    if (i > 0) Object.assign(parts, preActivation(style, i + 1));
    parts[`conv${i + 1}`] = style.convolve(convolution);
  });
  return parts;
}

function preActivation(style: BlockStyle, i: number): Parts {
  return { ...norm(style, `bn${i}`), [`activation${i}`]: style.activate() };
}

function shortcutOf(style: BlockStyle, place: Place): Layer {
  if (keepsShape(place) && style.shortcut !== "projection-everywhere") return identity();
  if (style.shortcut === "zero-padded") {
    return subsample({ stride: place.stride, channels: place.outWidth });
  }
  const conv = style.convolve(shortcutConvolution(place));
  return serial({ conv, ...(style.order === "post" ? norm(style, "bn") : {}) });
}

function readsActivated(style: BlockStyle, place: Place): boolean {
  if (style.shortcut === "zero-padded") return false;
  return style.shortcut === "projection-everywhere" || !keepsShape(place);
}

function postBlock(
  style: BlockStyle,
  convolutions: readonly Convolution[],
  place: Place,
  behind: Parts,
): Layer {
  const parts = postBranch(style, convolutions);
  const after: Parts = { [`activation${convolutions.length}`]: style.activate(), ...behind };
  if (!style.skip) return serial({ ...parts, ...after });
  return residual({
    branch: serial(parts),
    shortcut: shortcutOf(style, place),
    after: serial(after),
  });
}

function preBlock(
  style: BlockStyle,
  convolutions: readonly Convolution[],
  place: Place,
  behind: Parts,
): Layer {
  const parts = preBranch(style, convolutions);
  if (!style.skip) return serial({ ...preActivation(style, 1), ...parts, ...behind });
  const after: Partial<ResidualOptions> =
    Object.keys(behind).length === 0 ? {} : { after: serial(behind) };
  return residual({
    pre: serial(preActivation(style, 1)),
    branch: serial(parts),
    shortcut: shortcutOf(style, place),
    shortcutInput: readsActivated(style, place) ? "activated" : "raw",
    ...after,
  });
}

/**
 * A block of the given style, with `behind` after its output. In pre-activation order projections
 * read the activated signal and have no batch norm of their own; identities and zero-padded
 * shortcuts read x.
 * Source: He et al. 2016, arXiv:1512.03385 (v1) and arXiv:1603.05027 (v2).
 */
export function resnetBlock(
  style: BlockStyle,
  place: Place,
  trunk: Trunk,
  behind: Readonly<Record<string, Layer>> = {},
): Layer {
  const convolutions = branchConvolutions(place, trunk.block);
  const build = style.order === "post" ? postBlock : preBlock;
  return build(style, convolutions, place, behind);
}
