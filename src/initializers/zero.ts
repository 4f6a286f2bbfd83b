import { sizeOf } from "../core/shape.js";
import type { Initializer } from "./initializer.js";

/** Every entry is 0. */
export function zero(): Initializer {
  return { name: "zero", sample: (shape) => new Float64Array(sizeOf(shape)) };
}
