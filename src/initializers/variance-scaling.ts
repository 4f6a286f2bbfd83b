import { normal, uniform } from "../core/random.js";
import type { Shape } from "../core/shape.js";
import { sizeOf } from "../core/shape.js";
import type { Initializer } from "./initializer.js";

/** Independent N(0, variance(shape)) entries. */
export function scaledNormal(name: string, variance: (shape: Shape) => number): Initializer {
  return {
    name,
    variance,
    sample: (shape, key) => {
      const values = normal(key, sizeOf(shape));
      const deviation = Math.sqrt(variance(shape));
      for (let i = 0; i < values.length; i++) values[i]! *= deviation;
      return values;
    },
  };
}

/** Independent entries, uniform in [-b, b) with b = sqrt(3 variance(shape)). */
export function scaledUniform(name: string, variance: (shape: Shape) => number): Initializer {
  return {
    name,
    variance,
    sample: (shape, key) => {
      const bound = Math.sqrt(3 * variance(shape));
      return uniform(key, sizeOf(shape), -bound, bound);
    },
  };
}
