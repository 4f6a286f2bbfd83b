import type { Initializer } from "./initializer.js";

/**
 * `base` times a factor, as the L^(-1/(2m-2)) of a residual branch of m layers in a network of L
 * blocks.
 * Source: Zhang et al. 2019, arXiv:1901.09321 (Fixup), section 3.
 */
export function scaled(base: Initializer, factor: number): Initializer {
  const { variance } = base;
  return {
    name: `scaled(${base.name}, ${factor})`,
    sample: (shape, key) => base.sample(shape, key).map((value) => factor * value),
    ...(variance === undefined
      ? {}
      : { variance: (shape) => factor ** 2 * variance.call(base, shape) }),
  };
}
