import * as tf from "../../../tf.js";
import type { ConvolutionAttributes } from "../block.js";
import { blockedConvolution, blockedFilter, blockSize, fromBlocked, toBlocked } from "../block.js";
import type { Graph, Value } from "../graph.js";
import { microsoft } from "../graph.js";
import type { Kernel, Plan } from "../kernel.js";
import { allFloat, kernel } from "../kernel.js";
import type { Geometry, Window } from "./geometry.js";
import {
  attributesOf,
  convolutionGeometry,
  crop,
  isPointwise,
  keyOf,
  padsOf,
  pixels,
  toChannelsFirst,
  toChannelsLast,
} from "./geometry.js";
import { appendStrided, appendStridedPointwise } from "./strided-cotangent.js";

/** Fewer multiply-adds than this are quicker in JavaScript. */
const fewMultiplyAdds = 16384;

/** Whether the call is for JavaScript: another element type or layout, or too small. */
export function forJavaScript(
  geometry: Geometry,
  window: Window,
  ...tensors: readonly tf.TensorInfo[]
): boolean {
  const layout = window.dataFormat ?? "NHWC";
  return !allFloat(...tensors) || layout !== "NHWC" || geometry.multiplyAdds < fewMultiplyAdds;
}

/** A 1x1 convolution is one matrix product over all pixels. */
function pointwise(x: tf.TensorInfo, filter: tf.TensorInfo, geometry: Geometry): Plan {
  const { inChannels, outChannels, outShape } = geometry.info;
  return {
    key: "pointwise",
    inputs: [
      { tensor: x, shape: [pixels(x.shape), inChannels] },
      { tensor: filter, shape: [inChannels, outChannels] },
    ],
    shape: outShape,
    graphShape: [pixels(outShape), outChannels],
    append: (graph, values) => graph.node("MatMul", values),
  };
}

function appendBlocked(
  graph: Graph,
  x: Value,
  filter: Value,
  { info }: Geometry,
  attributes: ConvolutionAttributes,
): Value {
  const shape = [info.filterHeight, info.filterWidth, info.inChannels, info.outChannels];
  const weights = blockedFilter(graph, filter, shape, blockSize());
  const y = blockedConvolution(graph, toBlocked(graph, x), weights, attributes);
  return fromBlocked(graph, y, info.outChannels);
}

/** Few input channels stay as they are; only the outputs come in blocks. */
function appendFromImage(
  graph: Graph,
  x: Value,
  filter: Value,
  { info }: Geometry,
  attributes: ConvolutionAttributes,
): Value {
  const block = blockSize();
  const { filterHeight, filterWidth, inChannels, outChannels } = info;
  const split = [filterHeight, filterWidth, inChannels, outChannels / block, block];
  const apart = graph.node("Reshape", [filter, graph.integers(split)]);
  const moved = graph.node("Transpose", [apart], { perm: [3, 2, 0, 1, 4] });
  const named = graph.integers([outChannels, inChannels, filterHeight, filterWidth]);
  const weights = graph.node("Reshape", [moved, named]);
  const image = toChannelsFirst(graph, x);
  return fromBlocked(graph, blockedConvolution(graph, image, weights, attributes), outChannels);
}

function appendPlain(
  graph: Graph,
  x: Value,
  filter: Value,
  attributes: ConvolutionAttributes,
): Value {
  const weights = graph.node("Transpose", [filter], { perm: [3, 2, 0, 1] });
  const y = graph.node("Conv", [toChannelsFirst(graph, x), weights], { ...attributes });
  return toChannelsLast(graph, y);
}

const forward = kernel<Window>(tf.Conv2D, ({ x, filter }, window) => {
  if (x === undefined || filter === undefined) return undefined;
  const geometry = convolutionGeometry(x.shape, filter.shape, window);
  if (forJavaScript(geometry, window, x, filter)) return undefined;
  if (isPointwise(geometry)) return pointwise(x, filter, geometry);
  const { inChannels, outChannels, outShape } = geometry.info;
  const attributes = attributesOf(geometry);
  const block = blockSize();
  const blockedOut = block > 0 && outChannels % block === 0;
  return {
    key: `convolution${keyOf(geometry)}`,
    inputs: [{ tensor: x }, { tensor: filter }],
    shape: outShape,
    append: (graph, [image, weights]) => {
      if (blockedOut && inChannels % block === 0) {
        return appendBlocked(graph, image!, weights!, geometry, attributes);
      }
      return blockedOut && inChannels < block
        ? appendFromImage(graph, image!, weights!, geometry, attributes)
        : appendPlain(graph, image!, weights!, attributes);
    },
  };
});

/** `dy` times the transposed filter, for each pixel of `dy`. */
function pointwiseCotangent(dy: tf.TensorInfo, filter: tf.TensorInfo, geometry: Geometry): Plan {
  const { inChannels, outChannels, inShape } = geometry.info;
  return {
    key: "pointwise-cotangent",
    inputs: [
      { tensor: dy, shape: [pixels(dy.shape), outChannels] },
      { tensor: filter, shape: [inChannels, outChannels] },
    ],
    shape: inShape,
    graphShape: [pixels(inShape), inChannels],
    append: (graph, values) => graph.node("FusedMatMul", values, { transB: 1 }, microsoft),
  };
}

/** The filter turned by half a turn: its taps, each a contiguous piece, in reverse order. */
function turned(graph: Graph, filter: Value, { info }: Geometry): Value {
  const { filterHeight, filterWidth, inChannels, outChannels } = info;
  const taps = filterHeight * filterWidth;
  const apart = graph.integers([taps, inChannels * outChannels]);
  const order = graph.integers(Array.from({ length: taps }, (_, tap) => taps - 1 - tap));
  const reversed = graph.node("Gather", [graph.node("Reshape", [filter, apart]), order]);
  const whole = graph.integers([filterHeight, filterWidth, inChannels, outChannels]);
  return graph.node("Reshape", [reversed, whole]);
}

/**
 * Stride 1: the convolution of `dy`, padded by what is left of the window, with the turned filter.
 */
function appendTurned(graph: Graph, dy: Value, filter: Value, geometry: Geometry): Value {
  const { info } = geometry;
  const { filterHeight, filterWidth, inChannels, outChannels, padInfo } = info;
  const pads = [
    filterHeight - 1 - padInfo.top,
    filterWidth - 1 - padInfo.left,
    filterHeight - 1 - padInfo.bottom,
    filterWidth - 1 - padInfo.right,
  ];
  const cropped = crop(graph, dy, pads);
  const attributes = {
    kernel_shape: [filterHeight, filterWidth],
    strides: [1, 1],
    pads: pads.map((pad) => Math.max(pad, 0)),
    dilations: [1, 1],
  };
  const weights = turned(graph, filter, geometry);
  const block = blockSize();
  if (block > 0 && inChannels % block === 0 && outChannels % block === 0) {
    const shape = [filterHeight, filterWidth, inChannels, outChannels];
    const inBlocks = blockedFilter(graph, weights, shape, block, true);
    const dx = blockedConvolution(graph, toBlocked(graph, cropped), inBlocks, attributes);
    return fromBlocked(graph, dx, inChannels);
  }
  const swapped = graph.node("Transpose", [weights], { perm: [2, 3, 0, 1] });
  const image = toChannelsFirst(graph, cropped);
  return toChannelsLast(graph, graph.node("Conv", [image, swapped], attributes));
}

/** Chooses the form by the stride and the filter. */
function appendToInput(graph: Graph, dy: Value, filter: Value, geometry: Geometry): Value {
  const { strideHeight, strideWidth, filterHeight, filterWidth } = geometry.info;
  if (strideHeight === 1 && strideWidth === 1) return appendTurned(graph, dy, filter, geometry);
  const single = filterHeight === 1 && filterWidth === 1;
  return single && padsOf(geometry.info).every((pad) => pad === 0)
    ? appendStridedPointwise(graph, dy, filter, geometry)
    : appendStrided(graph, dy, filter, geometry);
}

const toInput = kernel<Window & { inputShape: number[] }>(
  tf.Conv2DBackpropInput,
  ({ dy, filter }, window) => {
    if (dy === undefined || filter === undefined) return undefined;
    const geometry = convolutionGeometry(window.inputShape, filter.shape, window);
    if (forJavaScript(geometry, window, dy, filter)) return undefined;
    if (isPointwise(geometry)) return pointwiseCotangent(dy, filter, geometry);
    const { inShape } = geometry.info;
    return {
      key: `input-cotangent${keyOf(geometry)};${inShape}`,
      inputs: [{ tensor: dy }, { tensor: filter }],
      shape: inShape,
      append: (graph, [cotangent, weights]) => appendToInput(graph, cotangent!, weights!, geometry),
    };
  },
);

/** Each channel with filters of its own; output `c * multiplier + m` belongs to input `c`. */
const depthwise = kernel<Window>(tf.DepthwiseConv2dNative, ({ x, filter }, window) => {
  if (x === undefined || filter === undefined) return undefined;
  const geometry = convolutionGeometry(x.shape, filter.shape, window, true);
  if (forJavaScript(geometry, window, x, filter)) return undefined;
  const { filterHeight, filterWidth, inChannels, outChannels, outShape } = geometry.info;
  return {
    key: `depthwise${keyOf(geometry)}`,
    inputs: [{ tensor: x }, { tensor: filter }],
    shape: outShape,
    append: (graph, [image, weights]) => {
      const moved = graph.node("Transpose", [weights!], { perm: [2, 3, 0, 1] });
      const shape = graph.integers([outChannels, 1, filterHeight, filterWidth]);
      const single = graph.node("Reshape", [moved, shape]);
      const attributes = { ...attributesOf(geometry), group: inChannels };
      const y = graph.node("Conv", [toChannelsFirst(graph, image!), single], attributes);
      return toChannelsLast(graph, y);
    },
  };
});

/** Convolutions and their cotangents towards the input. */
export const convolutionKernels: readonly Kernel[] = [forward, toInput, depthwise];
