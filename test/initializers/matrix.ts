/** Row-major `[in, out]` matrices and the few maps of a residual block, in float64. */

/** y = x W for a row-major W `[in, out]`. */
export function times(x: readonly number[], w: Float64Array): number[] {
  const outputs = w.length / x.length;
  return Array.from({ length: outputs }, (_, j) =>
    x.reduce((sum, value, i) => sum + value * w[i * outputs + j]!, 0),
  );
}

/** max(x, 0) entry by entry. */
export function rectified(x: readonly number[]): number[] {
  return x.map((value) => Math.max(value, 0));
}

/** Euclidean norm. */
export function norm(x: readonly number[]): number {
  return Math.hypot(...x);
}

/** x + factor * y. */
export function plus(x: readonly number[], y: readonly number[], factor = 1): number[] {
  return x.map((value, i) => value + factor * y[i]!);
}
