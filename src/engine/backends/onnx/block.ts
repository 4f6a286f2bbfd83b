import type { Graph } from "./graph.js";
import { newGraph } from "./graph.js";
import type { Value } from "./model.js";
import { blockedDomain } from "./model.js";
import type { Extras } from "./operand.js";
import { moved } from "./operand.js";
import { elementsIn, loadSession } from "./runtime.js";

/** Attributes of ONNX's convolution that a blocked one needs as well. */
export interface ConvolutionAttributes {
  readonly kernel_shape: readonly number[];
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
}

/**
 * A filter `[kh, kw, in, out]` in the layout that blocked convolutions read: outputs and inputs in
 * blocks, the outputs of a block side by side. With `swapped`, inputs and outputs are exchanged.
 */
export function blockedFilter(
  graph: Graph,
  filter: Value,
  shape: readonly number[],
  swapped = false,
): Value {
  const block = graph.blocks;
  const [height, width, inputs, outputs] = shape as [number, number, number, number];
  const split = [height * width, inputs / block, block, outputs / block, block];
  const apart = graph.node("Reshape", [filter, graph.integers(split)]);
  const perm = swapped ? [1, 3, 0, 4, 2] : [3, 1, 0, 2, 4];
  const moved = graph.node("Transpose", [apart], { perm });
  const named = swapped ? [inputs, outputs, height, width] : [outputs, inputs, height, width];
  return graph.node("Reshape", [moved, graph.integers(named)]);
}

/** A convolution whose output comes in blocks; `bias` `[c]` and `sum` are added, then the ReLU. */
export function blockedConvolution(
  graph: Graph,
  inputs: { readonly x: Value; readonly filter: Value; readonly bias?: Value | undefined },
  attributes: ConvolutionAttributes & { readonly group?: number },
  { sum, relu }: Extras = {},
): Value {
  const { x, filter, bias = "" } = inputs;
  const values = [x, filter, bias, sum ?? ""];
  while (values.at(-1) === "") values.pop();
  const activation = relu ? { activation: "Relu" } : {};
  return graph.node("Conv", values, { group: 1, ...attributes, ...activation }, blockedDomain);
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
  const graph = newGraph(block);
  const pixel = graph.input([1, count, 1, 1]);
  const weights = graph.input([1, 1, count, count]);
  const attributes = { kernel_shape: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0] };
  const inBlocks = blockedFilter(graph, weights, [1, 1, count, count]);
  const blocks = moved(graph, { value: pixel, layout: "planes" }, [1, 1, 1, count], "blocks");
  const all = { ...attributes, dilations: [1, 1] };
  const y = blockedConvolution(graph, { x: blocks, filter: inBlocks }, all);
  const value = moved(graph, { value: y, layout: "blocks" }, [1, 1, 1, count], "planes");
  const output = { value, shape: [1, count, 1, 1], type: "float32" } as const;
  const session = loadSession(graph.encode([output]), { name: "cpu", threads: 1 }).session;
  const fed = (data: Float32Array, dims: readonly number[]) =>
    ({ type: "float32", data, dims, location: "cpu" }) as const;
  const feeds = {
    [pixel]: fed(x, [1, count, 1, 1]),
    [weights]: fed(filter, [1, 1, count, count]),
  };
  const result = elementsIn(session.run(feeds, { [value]: null }, {}), value);
  session.dispose();
  return result.every((entry: number, out: number) => entry === product(x, filter, out));
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
