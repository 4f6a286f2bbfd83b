import type { Shape } from "../../core/shape.js";
import { imageAxes } from "./shape-error.js";
import type { Window } from "./window.js";
import { checkPoolWindow, windowPositions } from "./window.js";

/** Options that the pooling layers share. */
export interface PoolOptions {
  /** Height and width of the window. */
  readonly size: number;
  /** The size unless given: windows side by side. */
  readonly stride?: number;
  /** Cells added on each of the four sides; 0 unless given, at most half the size. */
  readonly padding?: number;
}

/** The window that options ask for. Throws `UserError` when it cannot be. */
export function poolWindow(layer: string, options: PoolOptions): Window {
  const { size, stride = size, padding = 0 } = options;
  const window = { size, stride, padding };
  checkPoolWindow(layer, window);
  return window;
}

/** Shape after pooling. Throws `UserError` when the window does not fit. */
export function poolShape(layer: string, inShape: Shape, window: Window): Shape {
  const [, , channels] = imageAxes(layer, inShape);
  return [...windowPositions(layer, inShape, window), channels];
}
