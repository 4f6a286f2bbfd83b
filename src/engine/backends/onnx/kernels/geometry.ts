import * as tf from "../../../tf.js";
import type { ConvolutionAttributes } from "../block.js";
import type { Graph } from "../graph.js";
import type { Attributes, Value } from "../model.js";

/** Attributes of TensorFlow.js's convolution kernels. */
export type Window = {
  strides: number | [number, number];
  pad: number | "valid" | "same";
  dataFormat?: "NHWC" | "NCHW";
  dilations?: number | [number, number];
  dimRoundingMode?: "floor" | "round" | "ceil";
};

/** Attributes of TensorFlow.js's pooling kernels. */
export type PoolWindow = {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: number | "valid" | "same";
  dimRoundingMode?: "floor" | "round" | "ceil";
};

/** Sizes, strides and explicit pads of a convolution, worked out by TensorFlow.js's own rules. */
export interface Geometry {
  readonly info: tf.backend_util.Conv2DInfo;
  readonly multiplyAdds: number;
}

type Shape4D = [number, number, number, number];

/** The geometry of a convolution of `inShape` `[n, h, w, c]` with a filter `[kh, kw, in, out]`. */
export function convolutionGeometry(
  inShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dilations = 1, dimRoundingMode }: Window,
  depthwise = false,
): Geometry {
  const info = tf.backend_util.computeConv2DInfo(
    [...inShape] as Shape4D,
    [...filterShape] as Shape4D,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    depthwise,
  );
  const { filterHeight, filterWidth, inChannels, outShape } = info;
  const fanIn = filterHeight * filterWidth * (depthwise ? 1 : inChannels);
  return { info, multiplyAdds: tf.util.sizeFromShape(outShape) * fanIn };
}

/** The geometry of pooling `inShape` `[n, h, w, c]`. */
export function poolGeometry(
  inShape: readonly number[],
  { filterSize, strides, pad, dimRoundingMode }: PoolWindow,
): tf.backend_util.Conv2DInfo {
  return tf.backend_util.computePool2DInfo(
    [...inShape] as Shape4D,
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
}

/** Explicit pads in ONNX's order: top, left, bottom, right. */
export function padsOf({ padInfo }: tf.backend_util.Conv2DInfo): readonly number[] {
  return [padInfo.top, padInfo.left, padInfo.bottom, padInfo.right];
}

/** The geometry as ONNX's attributes. */
export function attributesOf({ info }: Geometry): ConvolutionAttributes {
  return {
    kernel_shape: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    pads: padsOf(info),
    dilations: [info.dilationHeight, info.dilationWidth],
  };
}

/** The geometry of pooling as ONNX's attributes. */
export function poolAttributes(info: tf.backend_util.Conv2DInfo): Attributes {
  return {
    kernel_shape: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    pads: padsOf(info),
  };
}

/** What distinguishes two convolutions of equal input shapes. */
export function keyOf(geometry: Geometry): string {
  const { strides, pads, dilations } = attributesOf(geometry);
  return `${strides};${pads};${dilations}`;
}

/** Cuts off the margins whose pads (top, left, bottom, right) are negative from `[n, c, h, w]`. */
export function crop(graph: Graph, planes: Value, pads: readonly number[]): Value {
  const cuts = pads.map((pad) => Math.min(pad, 0)) as [number, number, number, number];
  const [top, left, bottom, right] = cuts;
  if (top + left + bottom + right === 0) return planes;
  return graph.node("Pad", [planes, graph.integers([0, 0, top, left, 0, 0, bottom, right])]);
}
