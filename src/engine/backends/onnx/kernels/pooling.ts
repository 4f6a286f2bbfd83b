import * as tf from "../../../tf.js";
import type { Graph } from "../graph.js";
import type { Value } from "../model.js";
import type { Operand, Placed } from "../operand.js";
import type { Kernel } from "../plan.js";
import { kernel } from "../plan.js";
import { allFloat } from "./checks.js";
import type { PoolWindow } from "./geometry.js";
import { crop, poolAttributes, poolGeometry } from "./geometry.js";
import { maximaAndPlaces } from "./maxima.js";
import { appendByPlaces } from "./maximum-cotangent.js";
import { interleaved } from "./phases.js";

type Info = tf.backend_util.Conv2DInfo;

const keyOf = (info: Info): string => JSON.stringify(poolAttributes(info));

function pool(name: string, operation: string): Kernel {
  return kernel<PoolWindow>(name, ({ x }, window) => {
    if (x === undefined || !allFloat(x)) return undefined;
    const info = poolGeometry(x.shape, window);
    return {
      key: keyOf(info),
      inputs: [x],
      shape: info.outShape,
      append: (graph, [image]) => ({
        value: graph.node(operation, [image!.in("planes")], poolAttributes(info)),
        layout: "planes",
      }),
    };
  });
}

/**
 * Each cotangent is added where its window's first maximum lies, by the flat place ONNX counts for
 * it.
 */
function appendMaximumCotangent(graph: Graph, dy: Operand, input: Operand, info: Info): Placed {
  const { batchSize, inChannels, inHeight, inWidth } = info;
  const [, places] = maximaAndPlaces(graph, input, info);
  const line = graph.integers([-1]);
  const zeros = graph.node("ConstantOfShape", [
    graph.integers([batchSize * inChannels * inHeight * inWidth]),
  ]);
  const sums = graph.node(
    "ScatterElements",
    [zeros, graph.node("Reshape", [places!, line]), graph.node("Reshape", [dy.in("planes"), line])],
    { axis: 0, reduction: "add" },
  );
  const shape = graph.integers([batchSize, inChannels, inHeight, inWidth]);
  return { value: graph.node("Reshape", [sums, shape]), layout: "planes" };
}

const maximumCotangent = kernel<PoolWindow>(tf.MaxPoolGrad, ({ dy, input }, window) => {
  if (dy === undefined || input === undefined || !allFloat(dy, input)) return undefined;
  const info = poolGeometry(input.shape, window);
  return {
    key: keyOf(info),
    inputs: [dy, input],
    shape: input.shape,
    append: (graph, [cotangent, image]) => {
      const append = graph.onGpu ? appendByPlaces : appendMaximumCotangent;
      return append(graph, cotangent!, image!, info);
    },
  };
});

/** `dy` with zeros between its pixels, as far apart as the windows: `[n, c, oh s, ow s]`. */
function spreadOut(graph: Graph, dy: Value, info: Info): Value {
  const { batchSize, outHeight, outWidth, strideHeight, strideWidth, inChannels } = info;
  if (strideHeight === 1 && strideWidth === 1) return dy;
  const split = graph.integers([batchSize, inChannels, outHeight, 1, outWidth, 1]);
  const behind = [0, 0, 0, strideHeight - 1, 0, strideWidth - 1];
  const pads = graph.integers([...behind.map(() => 0), ...behind]);
  const apart = graph.node("Pad", [graph.node("Reshape", [dy, split]), pads]);
  const whole = [batchSize, inChannels, outHeight * strideHeight, outWidth * strideWidth];
  return graph.node("Reshape", [apart, graph.integers(whole)]);
}

/** Windows of one pixel, as many as pixels divided by the stride: the others receive nothing. */
function picksPixels(info: Info): boolean {
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
  const { top, left, bottom, right } = padInfo;
  return (
    filterHeight * filterWidth === 1 &&
    top + left + bottom + right === 0 &&
    info.inHeight === info.outHeight * strideHeight &&
    info.inWidth === info.outWidth * strideWidth
  );
}

/** The cotangent of picked pixels: zeros between them, in blocks. */
function appendPicked(graph: Graph, dy: Operand, info: Info): Placed {
  const { batchSize: batch, inChannels: channels, outHeight: height, outWidth: width } = info;
  const phases = Array.from({ length: info.strideHeight }, (_, row) =>
    Array.from({ length: info.strideWidth }, (__, column) =>
      row + column === 0 ? dy.in("blocks") : undefined,
    ),
  );
  const value = interleaved(graph, phases, { batch, channels, height, width });
  return { value, layout: "blocks" };
}

/**
 * Every pixel receives the mean of the cotangents over all windows that hold it: an average itself.
 */
function appendAverageCotangent(graph: Graph, dy: Operand, info: Info): Placed {
  const fillsBlocks = graph.blocks > 0 && info.inChannels % graph.blocks === 0;
  if (fillsBlocks && picksPixels(info)) return appendPicked(graph, dy, info);
  const { filterHeight, filterWidth, padInfo, strideHeight, strideWidth } = info;
  const top = filterHeight - 1 - padInfo.top;
  const left = filterWidth - 1 - padInfo.left;
  const bottom = info.inHeight + filterHeight - 1 - top - info.outHeight * strideHeight;
  const right = info.inWidth + filterWidth - 1 - left - info.outWidth * strideWidth;
  const margins = [top, left, bottom, right];
  const [addTop, addLeft, addBottom, addRight] = margins.map((margin) => Math.max(margin, 0));
  const cropped = crop(graph, spreadOut(graph, dy.in("planes"), info), margins);
  const pads = [0, 0, addTop!, addLeft!, 0, 0, addBottom!, addRight!];
  const padded = graph.node("Pad", [cropped, graph.integers(pads)]);
  const attributes = { kernel_shape: [filterHeight, filterWidth], strides: [1, 1] };
  return { value: graph.node("AveragePool", [padded], attributes), layout: "planes" };
}

const averageCotangent = kernel<PoolWindow>(tf.AvgPoolGrad, ({ dy, input }, window) => {
  if (dy === undefined || input === undefined || !allFloat(dy, input)) return undefined;
  const info = poolGeometry(input.shape, window);
  return {
    key: `${keyOf(info)};${input.shape}`,
    inputs: [dy],
    shape: input.shape,
    append: (graph, [cotangent]) => appendAverageCotangent(graph, cotangent!, info),
  };
});

/** Pooling and its cotangents. */
export const poolingKernels: readonly Kernel[] = [
  pool(tf.MaxPool, "MaxPool"),
  pool(tf.AvgPool, "AveragePool"),
  maximumCotangent,
  averageCotangent,
];
