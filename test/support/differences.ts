/** Step of the differences: a power of two, so that steps along powers of two are exact. */
export const step = 1 / 64;

/** Relative error of float32. */
export const unit = 2 ** -24;

/** The derivative at 0 by differences of fourth order: their error h^4 is below float32's. */
export function derivative(
  along: (t: number) => ArrayLike<number>,
  by: number = step,
): Float64Array {
  const [ahead, behind, farAhead, farBehind] = [by, -by, 2 * by, -2 * by].map(along);
  return Float64Array.from(
    ahead!,
    (value, i) => (8 * (value - behind![i]!) - (farAhead![i]! - farBehind![i]!)) / (12 * by),
  );
}
