import type { Shape } from "../../core/shape.js";
import type { Child } from "../../layers/layer.js";
import type { Network } from "../architecture.js";
import { leavesOf } from "./leaves.js";

/** A convolution that the orthogonality penalty reads. */
export interface RegularisedConvolution {
  /** Full name of its kernel: `blocks.3.branch.conv1.weight`. */
  readonly name: string;
  /** `[size, size, in / groups, out]`. */
  readonly shape: Shape;
  /** Input pixels for an output pixel on one axis; 1 where the input has a single pixel. */
  readonly stride: number;
  /** Of its input, `[height, width, in]`. */
  readonly inShape: Shape;
}

function regularised({ name, layer, inShape }: Child): readonly RegularisedConvolution[] {
  const kernel = layer.parameters(inShape).find((spec) => spec.role === "weight");
  if (kernel === undefined || kernel.shape.length !== 4) return [];
  const stride = Math.ceil(inShape[0]! / layer.outShape(inShape)[0]!);
  return [{ name: `${name}.weight`, shape: kernel.shape, stride, inShape }];
}

/**
 * The convolutions that an orthogonality penalty is summed over: every one within a block,
 * projections of shortcuts included, and neither the stem nor the classifier. On RGB images this is
 * the authors' rule "kernel not 7x7 and not 3 input channels"; with other channels theirs would
 * take in a 3x3 stem.
 * Source: Qi et al. 2020, arXiv:2006.16992 (ISONet), eq. 13 and the authors' code.
 */
export function regularisedConvolutions(network: Network): readonly RegularisedConvolution[] {
  return leavesOf(network)
    .filter(({ name }) => name.startsWith("blocks."))
    .flatMap(regularised);
}
