import * as tf from "../../../tf.js";
import type { ConvolutionAttributes } from "../block.js";
import { blockedConvolution, blockedFilter } from "../block.js";
import type { Graph } from "../graph.js";
import type { Value } from "../model.js";
import type { Deferred, Operand, Placed } from "../operand.js";
import type { Kernel } from "../plan.js";
import { kernel } from "../plan.js";
import { allFloat } from "./checks.js";
import type { Geometry, Window } from "./geometry.js";
import { attributesOf, convolutionGeometry, crop, keyOf } from "./geometry.js";
import { depthwiseConvolution, planesConvolution } from "./planes-convolution.js";
import { stridedCotangent } from "./strided-cotangent.js";
import type { Window3x3 } from "./winograd.js";
import { paysOff, winogradConvolution } from "./winograd.js";

/** Whether the call is one of floats in the callers' layout. */
export function isPlain(window: Window, ...tensors: readonly tf.TensorInfo[]): boolean {
  return allFloat(...tensors) && (window.dataFormat ?? "NHWC") === "NHWC";
}

/**
 * Whether channels fill blocks. ONNX Runtime would bring constant filters and the signals around
 * them to blocks by itself, but moves signals back for every mask and every number a channel.
 */
function inBlocks({ blocks }: Graph, ...channels: readonly number[]): boolean {
  return blocks > 0 && channels.every((count) => count % blocks === 0);
}

/** Few input channels stay as they are; only the outputs come in blocks. */
function imageFilter(graph: Graph, filter: Operand): Value {
  const [height, width, inputs, outputs] = filter.shape as [number, number, number, number];
  const split = graph.integers([height, width, inputs, outputs / graph.blocks, graph.blocks]);
  const apart = graph.node("Reshape", [filter.in("rows"), split]);
  const moved = graph.node("Transpose", [apart], { perm: [3, 2, 0, 1, 4] });
  return graph.node("Reshape", [moved, graph.integers([outputs, inputs, height, width])]);
}

/** A blocked convolution that waits for a bias, a sum or a ReLU to join it. */
function deferredConvolution(
  graph: Graph,
  x: Value,
  filter: Value,
  attributes: ConvolutionAttributes,
): Deferred {
  const deferred = (bias?: Value): Deferred => ({
    layout: "blocks",
    emit: (extras) => blockedConvolution(graph, { x, filter, bias }, attributes, extras),
    ...(bias === undefined ? { biased: deferred } : {}),
  });
  return deferred();
}

/**
 * Whether a convolution with a filter that does not change is done with fewer multiplications. A
 * filter that changes from run to run would have to be transformed in each.
 */
function isWinograd(
  { kernel_shape, strides, pads, dilations }: ConvolutionAttributes,
  filter: Operand,
  window: Window3x3,
): boolean {
  const plain = [...strides, ...pads, ...dilations].every((one) => one === 1);
  return filter.constant && plain && kernel_shape.every((one) => one === 3) && paysOff(window);
}

function appendForward(
  graph: Graph,
  x: Operand,
  filter: Operand,
  geometry: Geometry,
): Placed | Deferred {
  const attributes = attributesOf(geometry);
  const { batchSize: batch, inHeight, inWidth, inChannels, outChannels } = geometry.info;
  if (inBlocks(graph, inChannels, outChannels)) {
    const window = { batch, height: inHeight, width: inWidth, from: inChannels, to: outChannels };
    if (isWinograd(attributes, filter, window)) {
      return winogradConvolution(graph, x.in("blocks"), { filter, turned: false }, window);
    }
    const weights = blockedFilter(graph, filter.in("rows"), filter.shape);
    return deferredConvolution(graph, x.in("blocks"), weights, attributes);
  }
  if (inBlocks(graph, outChannels) && inChannels < graph.blocks) {
    const weights = imageFilter(graph, filter);
    return deferredConvolution(graph, x.in("planes"), weights, attributes);
  }
  const weights = graph.node("Transpose", [filter.in("rows")], { perm: [3, 2, 0, 1] });
  const planes = { value: weights, inputs: inChannels, outputs: outChannels };
  const value = planesConvolution(graph, x.in("planes"), planes, attributes);
  return { value, layout: "planes" };
}

const forward = kernel<Window>(tf.Conv2D, ({ x, filter }, window) => {
  if (x === undefined || filter === undefined || !isPlain(window, x, filter)) return undefined;
  const geometry = convolutionGeometry(x.shape, filter.shape, window);
  return {
    key: keyOf(geometry),
    inputs: [x, filter],
    shape: geometry.info.outShape,
    append: (graph, [image, weights]) => appendForward(graph, image!, weights!, geometry),
  };
});

/** The filter turned by half a turn: its taps, each a contiguous piece, in reverse order. */
function turned(graph: Graph, filter: Operand): Value {
  const [height, width, inputs, outputs] = filter.shape as [number, number, number, number];
  const taps = height * width;
  if (taps === 1) return filter.in("rows");
  const apart = graph.integers([taps, inputs * outputs]);
  const pieces = graph.node("Reshape", [filter.in("rows"), apart]);
  const reversed = graph.node("Slice", [
    pieces,
    graph.integers([-1]),
    graph.integers([-taps - 1]),
    graph.integers([0]),
    graph.integers([-1]),
  ]);
  return graph.node("Reshape", [reversed, graph.integers(filter.shape)]);
}

/**
 * Stride 1: the convolution of `dy`, padded by what is left of the window, with the turned filter.
 */
function appendTurned(
  graph: Graph,
  dy: Operand,
  filter: Operand,
  { info }: Geometry,
): Placed | Deferred {
  const { filterHeight, filterWidth, inChannels, outChannels, padInfo } = info;
  const { dilationHeight, dilationWidth } = info;
  const [rows, columns] = [(filterHeight - 1) * dilationHeight, (filterWidth - 1) * dilationWidth];
  const pads = [
    rows - padInfo.top,
    columns - padInfo.left,
    rows - padInfo.bottom,
    columns - padInfo.right,
  ];
  const attributes = {
    kernel_shape: [filterHeight, filterWidth],
    strides: [1, 1],
    pads: pads.map((pad) => Math.max(pad, 0)),
    dilations: [dilationHeight, dilationWidth],
  };
  const whole = pads.every((pad) => pad >= 0);
  const blocked = whole && inBlocks(graph, inChannels, outChannels);
  const [height, width] = [info.outHeight, info.outWidth];
  const window = { batch: info.batchSize, height, width, from: outChannels, to: inChannels };
  if (blocked && isWinograd(attributes, filter, window)) {
    return winogradConvolution(graph, dy.in("blocks"), { filter, turned: true }, window);
  }
  const weights = turned(graph, filter);
  if (blocked) {
    const swapped = blockedFilter(graph, weights, filter.shape, true);
    return deferredConvolution(graph, dy.in("blocks"), swapped, attributes);
  }
  const swapped = graph.node("Transpose", [weights], { perm: [2, 3, 0, 1] });
  const image = crop(graph, dy.in("planes"), pads);
  const planes = { value: swapped, inputs: outChannels, outputs: inChannels };
  return { value: planesConvolution(graph, image, planes, attributes), layout: "planes" };
}

/** Larger strides, where channels do not fill blocks: ONNX's own transposed convolution. */
function transposed(graph: Graph, dy: Operand, filter: Operand, geometry: Geometry): Placed {
  const { info } = geometry;
  const attributes = attributesOf(geometry);
  const [top, left, bottom, right] = attributes.pads as [number, number, number, number];
  const reach = (out: number, stride: number, size: number, dilation: number): number =>
    (out - 1) * stride + (size - 1) * dilation + 1;
  const rows = reach(info.outHeight, info.strideHeight, info.filterHeight, info.dilationHeight);
  const columns = reach(info.outWidth, info.strideWidth, info.filterWidth, info.dilationWidth);
  const weights = graph.node("Transpose", [filter.in("rows")], { perm: [3, 2, 0, 1] });
  const output_padding = [
    info.inHeight - (rows - top - bottom),
    info.inWidth - (columns - left - right),
  ];
  const value = graph.node("ConvTranspose", [dy.in("planes"), weights], {
    ...attributes,
    output_padding,
  });
  return { value, layout: "planes" };
}

/** Larger strides; pixels that no window read receive zero. */
function appendStrided(graph: Graph, dy: Operand, filter: Operand, geometry: Geometry): Placed {
  const { inChannels, outChannels } = geometry.info;
  const blocked = inBlocks(graph, inChannels, outChannels)
    ? stridedCotangent(graph, dy, filter, geometry)
    : undefined;
  return blocked ?? transposed(graph, dy, filter, geometry);
}

const toInput = kernel<Window & { inputShape: number[] }>(
  tf.Conv2DBackpropInput,
  ({ dy, filter }, window) => {
    if (dy === undefined || filter === undefined || !isPlain(window, dy, filter)) return undefined;
    const geometry = convolutionGeometry(window.inputShape, filter.shape, window);
    const { inShape, strideHeight, strideWidth } = geometry.info;
    const append = strideHeight === 1 && strideWidth === 1 ? appendTurned : appendStrided;
    return {
      key: `${keyOf(geometry)};${inShape}`,
      inputs: [dy, filter],
      shape: inShape,
      append: (graph, [cotangent, weights]) => append(graph, cotangent!, weights!, geometry),
    };
  },
);

/** Each channel with filters of its own; output `c * multiplier + m` belongs to input `c`. */
const depthwise = kernel<Window>(tf.DepthwiseConv2dNative, ({ x, filter }, window) => {
  if (x === undefined || filter === undefined || !isPlain(window, x, filter)) return undefined;
  const geometry = convolutionGeometry(x.shape, filter.shape, window, true);
  const { filterHeight, filterWidth, inChannels, outChannels } = geometry.info;
  const { batchSize, outHeight, outWidth, outShape } = geometry.info;
  const of = {
    channels: inChannels,
    multiplier: outChannels / inChannels,
    size: [filterHeight, filterWidth],
  } as const;
  return {
    key: keyOf(geometry),
    inputs: [x, filter],
    shape: outShape,
    append: (graph, [image, weights]) => {
      const moved = graph.node("Transpose", [weights!.in("rows")], { perm: [2, 3, 0, 1] });
      const single = { ...of, value: moved };
      const out = [batchSize, outHeight, outWidth] as const;
      const planes = image!.in("planes");
      const value = depthwiseConvolution(graph, planes, single, attributesOf(geometry), out);
      return { value, layout: "planes" };
    },
  };
});

/** Convolutions and their cotangents towards the input. */
export const convolutionKernels: readonly Kernel[] = [forward, toInput, depthwise];
