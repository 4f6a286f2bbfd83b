import * as tf from "../../../src/engine/tf.js";

/** One operation on tensors of the given shapes, with inputs between `low` and `high`. */
export interface Operation {
  readonly name: string;
  readonly shapes: readonly number[][];
  readonly low?: number;
  readonly high?: number;
  /** Inputs keep that far from 0, where the function has a corner. */
  readonly gap?: number;
  /** The function is piecewise constant or linear in every input's sign only; skip differences. */
  readonly smooth?: boolean;
  apply(inputs: tf.Tensor[]): tf.Tensor;
}

/** A repeatable number from 0 to 1 for each place. */
function fraction(place: number, seed: number): number {
  const wave = Math.sin(place * 12.9898 + seed * 78.233) * 43758.5453;
  return wave - Math.floor(wave);
}

/** Repeatable values between `low` and `high`, none nearer to 0 than `gap`. */
export function values(shape: number[], seed: number, low = -1.3, high = 1.3, gap = 0): tf.Tensor {
  const data = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, place) => {
    const value = low + (high - low) * fraction(place, seed);
    return Math.abs(value) < gap ? value + Math.sign(value || 1) * gap : value;
  });
  return tf.tensor(data, shape);
}

/** The inputs of an operation. */
export function inputsOf({ shapes, low, high, gap }: Operation): tf.Tensor[] {
  return shapes.map((shape, i) => values(shape, i + 1, low, high, gap));
}
