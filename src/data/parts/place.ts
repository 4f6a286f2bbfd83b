import type { Shape } from "../../core/shape.js";

/** The place of a row-major position in an array of `shape`, as printed: `[2, 0, 31, 1]`. */
export function placeOf(position: number, shape: Shape): string {
  let rest = position;
  const place = shape.toReversed().map((n) => {
    const at = rest % n;
    rest = Math.floor(rest / n);
    return at;
  });
  return `[${place.reverse().join(", ")}]`;
}
