import { UserError } from "../../core/errors.js";
import type { Shape } from "../../core/shape.js";
import { formatShape } from "../../core/shape.js";

/** The one form of a shape failure: which layer, what came, what it needs. */
export function shapeError(layer: string, came: string, needed: string): UserError {
  return new UserError(`${layer}: ${came}; needed: ${needed}`);
}

/** Axes of an image signal `[height, width, channels]`. Throws `UserError` on another rank. */
export function imageAxes(layer: string, inShape: Shape): readonly [number, number, number] {
  if (inShape.length !== 3) {
    throw shapeError(layer, `input is ${formatShape(inShape)}`, "height x width x channels");
  }
  return [inShape[0]!, inShape[1]!, inShape[2]!];
}

/** Refuses what is not a whole number from `low` on. Throws `UserError`. */
export function checkWhole(layer: string, option: string, value: number, low: number): void {
  if (!Number.isInteger(value) || value < low) {
    throw shapeError(layer, `${option} is ${value}`, `a whole number, at least ${low}`);
  }
}
