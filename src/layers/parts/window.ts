import type { Shape } from "../../core/shape.js";
import { formatShape } from "../../core/shape.js";
import { checkWhole, imageAxes, shapeError } from "./shape-error.js";

/** A square window that moves over an image; `padding` cells are added on each of four sides. */
export interface Window {
  readonly size: number;
  readonly stride: number;
  readonly padding: number;
}

/** Refuses windows that cannot be: sizes below 1, broken paddings. Throws `UserError`. */
export function checkWindow(layer: string, { size, stride, padding }: Window): void {
  checkWhole(layer, "size", size, 1);
  checkWhole(layer, "stride", stride, 1);
  checkWhole(layer, "padding", padding, 0);
}

/**
 * Refuses pooling windows that could lie in padding alone, of which no maximum or mean exists.
 * Throws `UserError`.
 */
export function checkPoolWindow(layer: string, window: Window): void {
  checkWindow(layer, window);
  if (2 * window.padding > window.size) {
    throw shapeError(layer, `padding is ${window.padding}`, `at most half the size ${window.size}`);
  }
}

/**
 * Positions of the window on `[height, width, channels]`: floor((n + 2 padding - size) / stride)
 * + 1 an axis,
 * so cells that no full window reaches are left out, as in PyTorch.
 * Throws `UserError` when the window is larger than the padded image.
 */
export function windowPositions(
  layer: string,
  inShape: Shape,
  { size, stride, padding }: Window,
): readonly [number, number] {
  const [height, width] = imageAxes(layer, inShape);
  const room = Math.min(height, width) + 2 * padding;
  if (size > room) {
    const came = `window ${size}x${size} on input ${formatShape(inShape)} with padding ${padding}`;
    throw shapeError(layer, came, `a window of at most ${room}x${room}`);
  }
  const positions = (n: number) => Math.floor((n + 2 * padding - size) / stride) + 1;
  return [positions(height), positions(width)];
}
