import type { ConvolutionAttributes } from "../block.js";
import type { Graph } from "../graph.js";
import type { Value } from "../model.js";

/** The next multiple of four. */
const upToFours = (count: number): number => 4 * Math.ceil(count / 4);

/** Zeros behind the entries of one of four axes. */
function extended(graph: Graph, value: Value, axis: number, by: number): Value {
  const pads = Array.from({ length: 8 }, (_, i) => (i === axis + 4 ? by : 0));
  return graph.node("Pad", [value, graph.integers(pads)]);
}

/** A filter `[out, in, kh, kw]` and its numbers of channels. */
export interface PlanesFilter {
  readonly value: Value;
  readonly inputs: number;
  readonly outputs: number;
}

/**
 * ONNX Runtime 1.30's WebGPU provider reads wrong inputs where their number is a multiple of three,
 * not of four, and more than three, and that of the outputs is a multiple of four.
 */
function readsWrong({ inputs, outputs }: PlanesFilter): boolean {
  return inputs > 3 && inputs % 3 === 0 && inputs % 4 !== 0 && outputs % 4 === 0;
}

/** The convolution of planes `[n, in, h, w]` with a filter. */
export function planesConvolution(
  graph: Graph,
  x: Value,
  filter: PlanesFilter,
  attributes: ConvolutionAttributes,
): Value {
  if (!graph.onGpu || !readsWrong(filter)) {
    return graph.node("Conv", [x, filter.value], { ...attributes });
  }
  const more = upToFours(filter.inputs) - filter.inputs;
  const operands = [x, filter.value].map((value) => extended(graph, value, 1, more));
  return graph.node("Conv", operands, { ...attributes });
}

/** A filter of its own for each channel, `[channels, multiplier, kh, kw]`. */
export interface DepthwiseFilter {
  readonly value: Value;
  readonly channels: number;
  readonly multiplier: number;
  readonly size: readonly [number, number];
}

function grouped(
  graph: Graph,
  x: Value,
  { value, channels, multiplier, size }: DepthwiseFilter,
  attributes: ConvolutionAttributes,
): Value {
  const shape = graph.integers([channels * multiplier, 1, ...size]);
  const filter = graph.node("Reshape", [value, shape]);
  return graph.node("Conv", [x, filter], { ...attributes, group: channels });
}

/**
 * The convolution of each channel with filters of its own, to `[n, channels * multiplier, oh, ow]`
 * of the shape `out`. ONNX Runtime 1.30's WebGPU provider mixes up the filters of a channel where
 * they are more than four and no multiple of it; there they become one, and the rest is cut off.
 */
export function depthwiseConvolution(
  graph: Graph,
  x: Value,
  filter: DepthwiseFilter,
  attributes: ConvolutionAttributes,
  out: readonly [number, number, number],
): Value {
  const { value, channels, multiplier } = filter;
  const whole = upToFours(multiplier);
  if (!graph.onGpu || multiplier <= 4 || multiplier === whole) {
    return grouped(graph, x, filter, attributes);
  }
  const more = extended(graph, value, 1, whole - multiplier);
  const all = grouped(graph, x, { ...filter, value: more, multiplier: whole }, attributes);
  const [batch, height, width] = out;
  const apart = graph.integers([batch, channels, whole, height * width]);
  const [from, to, axis] = [[0], [multiplier], [2]].map((list) => graph.integers(list));
  const kept = graph.node("Slice", [graph.node("Reshape", [all, apart]), from!, to!, axis!]);
  const shape = graph.integers([batch, channels * multiplier, height, width]);
  return graph.node("Reshape", [kept, shape]);
}
