import type { Place, Trunk } from "./trunk.js";

/** A square convolution whose padding (size - 1) / 2 keeps the size at stride 1. */
export interface Convolution {
  readonly size: number;
  readonly stride: number;
  readonly inWidth: number;
  readonly outWidth: number;
}

/**
 * Convolutions of a branch in order. Basic: two 3x3, the stride on the first. Bottleneck: 1x1, 3x3,
 * 1x1 with the stride on the 3x3, as in torchvision.
 * Source: He et al. 2016, arXiv:1512.03385, figure 5.
 */
export function branchConvolutions(place: Place, block: Trunk["block"]): readonly Convolution[] {
  const { inWidth, inner, outWidth, stride } = place;
  if (block === "basic") {
    return [
      { size: 3, stride, inWidth, outWidth: inner },
      { size: 3, stride: 1, inWidth: inner, outWidth },
    ];
  }
  return [
    { size: 1, stride: 1, inWidth, outWidth: inner },
    { size: 3, stride, inWidth: inner, outWidth: inner },
    { size: 1, stride: 1, inWidth: inner, outWidth },
  ];
}

/** Whether the block's output has the shape of its input, so that an identity fits beside it. */
export function keepsShape(place: Place): boolean {
  return place.stride === 1 && place.inWidth === place.outWidth;
}

/** The 1x1 convolution of a shortcut that changes the shape. */
export function shortcutConvolution({ stride, inWidth, outWidth }: Place): Convolution {
  return { size: 1, stride, inWidth, outWidth };
}
