/** Sizes of a signal's axes without the batch axis: `[height, width, channels]` or `[features]`. */
export type Shape = readonly number[];

/** Number of elements of a shape; 1 for the empty shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** `32x32x3`, as shapes are printed. */
export function formatShape(shape: Shape): string {
  return shape.length === 0 ? "scalar" : shape.join("x");
}

/**
 * Inputs (`fanIn`) and outputs (`fanOut`) that meet at one weight of a kernel `[kh, kw, in, out]`
 * or matrix `[in, out]`.
 */
export function fans(shape: Shape): {
  readonly fanIn: number;
  readonly fanOut: number;
} {
  const receptive = sizeOf(shape.slice(0, -2));
  return {
    fanIn: receptive * (shape.at(-2) ?? 1),
    fanOut: receptive * (shape.at(-1) ?? 1),
  };
}
