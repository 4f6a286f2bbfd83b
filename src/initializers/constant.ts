import { sizeOf } from "../core/shape.js";
import type { Initializer } from "./initializer.js";

/** Every entry is `value`. */
export function constant(value: number): Initializer {
  return {
    name: `constant(${value})`,
    sample: (shape) => new Float64Array(sizeOf(shape)).fill(value),
  };
}
