import type { Layout } from "../../../src/engine/backends/onnx/operand.js";

/** Where each element of a signal `[n, h, w, c]`, in the callers' order, lies in a layout. */
function places(shape: readonly number[], layout: Layout, block: number): Int32Array {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  const pixels = height * width;
  const together = layout === "blocks" ? block : 1;
  const found = new Int32Array(batch * pixels * channels);
  for (let row = 0; row < batch * pixels; row++) {
    const [sample, pixel] = [Math.floor(row / pixels), row % pixels];
    for (let channel = 0; channel < channels; channel++) {
      const inBlock = channel % together;
      const plane = sample * channels + channel - inBlock;
      found[row * channels + channel] = plane * pixels + pixel * together + inBlock;
    }
  }
  return found;
}

/** Elements in the callers' order as they lie in a layout. */
export function laid(
  values: Float32Array,
  shape: readonly number[],
  layout: Layout,
  block: number,
): Float32Array {
  if (layout === "rows") return values;
  const at = places(shape, layout, block);
  const found = new Float32Array(values.length);
  for (const [i, place] of at.entries()) found[place] = values[i]!;
  return found;
}

/** Elements as they lie in a layout in the callers' order. */
export function inRows(
  values: ArrayLike<number>,
  shape: readonly number[],
  layout: Layout,
  block: number,
): Float32Array {
  if (layout === "rows") return Float32Array.from(values);
  return Float32Array.from(places(shape, layout, block), (place) => values[place]!);
}
