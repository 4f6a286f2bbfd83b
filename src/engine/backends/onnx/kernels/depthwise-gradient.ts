import * as tf from "../../../tf.js";
import type { Graph } from "../graph.js";
import type { Value } from "../model.js";
import type { Operand, Placed } from "../operand.js";
import type { Kernel } from "../plan.js";
import { kernel } from "../plan.js";
import { isPlain } from "./convolution.js";
import type { Geometry, Window } from "./geometry.js";
import { attributesOf, convolutionGeometry, keyOf, padsOf } from "./geometry.js";

/** Entries of an axis, `by` at a time. */
function pieces(graph: Graph, value: Value, axis: number, count: number, by: number): Value[] {
  if (by === count) return [value];
  return Array.from({ length: count / by }, (_, i) => {
    const lists = [[i * by], [(i + 1) * by], [axis]].map((list) => graph.integers(list));
    return graph.node("Slice", [value, ...lists]);
  });
}

/**
 * How many filters of a channel one node works with: ONNX Runtime 1.30's WebGPU provider mixes up
 * those of a channel, so there it is one.
 */
function filtersAtOnce({ onGpu }: Graph, { info }: Geometry): number {
  return onGpu ? 1 : info.outChannels / info.inChannels;
}

/** Cotangents `[n, in multiplier, oh, ow]` in parts with the same number of filters a channel. */
function cotangentParts(graph: Graph, dy: Operand, geometry: Geometry): Value[] {
  const { batchSize, inChannels, outChannels, outHeight, outWidth } = geometry.info;
  const [all, some] = [outChannels / inChannels, filtersAtOnce(graph, geometry)];
  if (some === all) return [dy.in("planes")];
  const apart = graph.integers([batchSize, inChannels, all, outHeight * outWidth]);
  const split = graph.node("Reshape", [dy.in("planes"), apart]);
  const whole = graph.integers([batchSize, inChannels * some, outHeight, outWidth]);
  return pieces(graph, split, 2, all, some).map((part) => graph.node("Reshape", [part, whole]));
}

/** Filters `[kh, kw, in, multiplier]` as ONNX takes them, `[in filters, 1, kh, kw]`, in parts. */
function filterParts(graph: Graph, filter: Operand, geometry: Geometry): Value[] {
  const { filterHeight, filterWidth, inChannels, outChannels } = geometry.info;
  const [all, some] = [outChannels / inChannels, filtersAtOnce(graph, geometry)];
  const moved = graph.node("Transpose", [filter.in("rows")], { perm: [2, 3, 0, 1] });
  const shape = graph.integers([inChannels * some, 1, filterHeight, filterWidth]);
  return pieces(graph, moved, 1, all, some).map((part) => graph.node("Reshape", [part, shape]));
}

/** A transposed convolution a channel; pixels that no window read receive zero. */
function appendToInput(graph: Graph, dy: Operand, filter: Operand, geometry: Geometry): Placed {
  const { info } = geometry;
  const [top, left, bottom, right] = padsOf(info) as [number, number, number, number];
  const reach = (out: number, stride: number, size: number): number => (out - 1) * stride + size;
  const rows = reach(info.outHeight, info.strideHeight, info.effectiveFilterHeight);
  const columns = reach(info.outWidth, info.strideWidth, info.effectiveFilterWidth);
  const attributes = {
    ...attributesOf(geometry),
    group: info.inChannels,
    output_padding: [
      info.inHeight - (rows - top - bottom),
      info.inWidth - (columns - left - right),
    ],
  };
  const filters = filterParts(graph, filter, geometry);
  const value = cotangentParts(graph, dy, geometry)
    .map((part, i) => graph.node("ConvTranspose", [part, filters[i]!], attributes))
    .reduce((sum, part) => graph.node("Add", [sum, part]));
  return { value, layout: "planes" };
}

const toInput = kernel<Window & { inputShape: number[] }>(
  tf.DepthwiseConv2dNativeBackpropInput,
  ({ dy, filter }, window) => {
    if (dy === undefined || filter === undefined || !isPlain(window, dy, filter)) return undefined;
    const geometry = convolutionGeometry(window.inputShape, filter.shape, window, true);
    const { inShape } = geometry.info;
    return {
      key: `${keyOf(geometry)};${inShape}`,
      inputs: [dy, filter],
      shape: inShape,
      append: (graph, [cotangent, weights]) => appendToInput(graph, cotangent!, weights!, geometry),
    };
  },
);

/** `[n, c, h, w]` with samples as the channels of each channel: `[c, n, h, w]`. */
const byChannel = (graph: Graph, planes: Value): Value =>
  graph.node("Transpose", [planes], { perm: [1, 0, 2, 3] });

/**
 * One convolution a channel of `x` with the cotangents as its filter, samples as channels: strides
 * and dilations change places.
 */
function appendToFilter(graph: Graph, x: Operand, dy: Operand, geometry: Geometry): Placed {
  const { info } = geometry;
  const { batchSize, inChannels, inHeight, inWidth, filterHeight, filterWidth } = info;
  const signals = graph.integers([1, inChannels * batchSize, inHeight, inWidth]);
  const image = graph.node("Reshape", [byChannel(graph, x.in("planes")), signals]);
  const attributes = {
    kernel_shape: [info.outHeight, info.outWidth],
    strides: [info.dilationHeight, info.dilationWidth],
    dilations: [info.strideHeight, info.strideWidth],
    pads: padsOf(info),
    group: inChannels,
  };
  const ends = [graph.integers([0, 0]), graph.integers([filterHeight, filterWidth])];
  const some = filtersAtOnce(graph, geometry);
  const shape = graph.integers([inChannels, some, filterHeight, filterWidth]);
  const parts = cotangentParts(graph, dy, geometry).map((part) => {
    const taps = graph.node("Conv", [image, byChannel(graph, part)], attributes);
    const wanted = graph.node("Slice", [taps, ...ends, graph.integers([2, 3])]);
    return graph.node("Reshape", [wanted, shape]);
  });
  const all = parts.length > 1 ? graph.node("Concat", parts, { axis: 1 }) : parts[0]!;
  return { value: graph.node("Transpose", [all], { perm: [2, 3, 0, 1] }), layout: "rows" };
}

const toFilter = kernel<Window & { filterShape: number[] }>(
  tf.DepthwiseConv2dNativeBackpropFilter,
  ({ x, dy }, window) => {
    if (x === undefined || dy === undefined || !isPlain(window, x, dy)) return undefined;
    const geometry = convolutionGeometry(x.shape, window.filterShape, window, true);
    const { filterShape } = geometry.info;
    return {
      key: `${keyOf(geometry)};${filterShape}`,
      inputs: [x, dy],
      shape: filterShape,
      append: (graph, [image, cotangent]) => appendToFilter(graph, image!, cotangent!, geometry),
    };
  },
);

/** Both cotangents of convolutions with a filter a channel. */
export const depthwiseGradientKernels: readonly Kernel[] = [toInput, toFilter];
