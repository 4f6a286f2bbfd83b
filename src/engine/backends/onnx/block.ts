import type { Graph, Value } from "./graph.js";
import { blockedDomain } from "./graph.js";
import { runAtOnce } from "./session.js";

/** Attributes of ONNX's convolution that a blocked one needs as well. */
export interface ConvolutionAttributes {
  readonly kernel_shape: readonly number[];
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
}

/** From `[n, h, w, c]` to channels in blocks. */
export function toBlocked(graph: Graph, x: Value): Value {
  return graph.node("ReorderInput", [x], { channels_last: 1 }, blockedDomain);
}

/** From channels in blocks to `[n, h, w, c]`. */
export function fromBlocked(graph: Graph, y: Value, channels: number): Value {
  return graph.node("ReorderOutput", [y], { channels_last: 1, channels }, blockedDomain);
}

/**
 * A filter `[kh, kw, in, out]` in the layout that blocked convolutions read: outputs and inputs in
 * blocks, the outputs of a block side by side. With `swapped`, inputs and outputs are exchanged.
 */
export function blockedFilter(
  graph: Graph,
  filter: Value,
  shape: readonly number[],
  block: number,
  swapped = false,
): Value {
  const [height, width, inputs, outputs] = shape as [number, number, number, number];
  const split = [height * width, inputs / block, block, outputs / block, block];
  const apart = graph.node("Reshape", [filter, graph.integers(split)]);
  const perm = swapped ? [1, 3, 0, 4, 2] : [3, 1, 0, 2, 4];
  const moved = graph.node("Transpose", [apart], { perm });
  const named = swapped ? [inputs, outputs, height, width] : [outputs, inputs, height, width];
  return graph.node("Reshape", [moved, graph.integers(named)]);
}

/** A convolution on channels in blocks. */
export function blockedConvolution(
  graph: Graph,
  x: Value,
  filter: Value,
  attributes: ConvolutionAttributes,
): Value {
  return graph.node("Conv", [x, filter], { ...attributes, group: 1 }, blockedDomain);
}

/** Sizes of blocks in ONNX Runtime: 16 channels with AVX-512, 8 with older vector units. */
const sizes = [16, 8] as const;

/** Channels of the trial convolution: 32 in, 32 out, so that a wrong block size shows. */
const trialChannels = 32;

/** Whether a 1x1 convolution of one pixel, in blocks of that size, gives the right product. */
function works(block: number): boolean {
  const count = trialChannels;
  const x = Float32Array.from({ length: count }, (_, i) => (i % 7) - 2);
  const filter = Float32Array.from({ length: count * count }, (_, i) => (i % 11) - 4);
  const attributes = { kernel_shape: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0] };
  const result = runAtOnce(
    {
      name: "trial convolution",
      key: `trial${block}`,
      output: { shape: [1, 1, 1, count], type: "float32" },
      append: (graph, [pixel, weights]) => {
        const inBlocks = blockedFilter(graph, weights!, [1, 1, count, count], block);
        const all = { ...attributes, dilations: [1, 1] };
        const y = blockedConvolution(graph, toBlocked(graph, pixel!), inBlocks, all);
        return fromBlocked(graph, y, count);
      },
    },
    [
      { shape: [1, 1, 1, count], type: "float32" },
      { shape: [1, 1, count, count], type: "float32" },
    ],
    [x, filter],
  );
  return result.every((value, out) => value === product(x, filter, out));
}

/** Entry `out` of `x` times the matrix; whole numbers, hence exact. */
function product(x: Float32Array, matrix: Float32Array, out: number): number {
  return x.reduce((sum, value, i) => sum + value * matrix[i * x.length + out]!, 0);
}

function worksHere(block: number): boolean {
  try {
    return works(block);
  } catch {
    return false;
  }
}

let found: number | undefined;

/**
 * Channels a block holds on this machine, 0 where ONNX Runtime has no blocked convolutions.
 * Tried out, since a wrong size gives wrong numbers without any error.
 */
export function blockSize(): number {
  found ??= sizes.find(worksHere) ?? 0;
  return found;
}
