import * as tf from "../../../tf.js";
import type { Attributes, Graph, Value } from "../graph.js";
import type { Kernel } from "../kernel.js";
import { allFloat, kernel, worthwhile } from "../kernel.js";
import type { PoolWindow } from "./geometry.js";
import { padsOf, poolGeometry, toChannelsFirst, toChannelsLast } from "./geometry.js";

type Info = tf.backend_util.Conv2DInfo;

function attributesOf(info: Info): Attributes {
  return {
    kernel_shape: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    pads: padsOf(info),
  };
}

const keyOf = (info: Info): string => JSON.stringify(attributesOf(info));

function pool(name: string, operation: string): Kernel {
  return kernel<PoolWindow>(name, ({ x }, window) => {
    if (x === undefined || !worthwhile(x) || !allFloat(x)) return undefined;
    const info = poolGeometry(x.shape, window);
    return {
      key: `${operation}${keyOf(info)}`,
      inputs: [{ tensor: x }],
      shape: info.outShape,
      append: (graph, [image]) => {
        const planes = toChannelsFirst(graph, image!);
        return toChannelsLast(graph, graph.node(operation, [planes], attributesOf(info)));
      },
    };
  });
}

/**
 * Each cotangent is added where its window's first maximum lies, by the flat place ONNX counts for
 * it.
 */
function appendMaximumCotangent(graph: Graph, dy: Value, input: Value, info: Info): Value {
  const { batchSize, inChannels, inHeight, inWidth } = info;
  const planes = toChannelsFirst(graph, input);
  const [, places] = graph.nodeWithOutputs(2, "MaxPool", [planes], attributesOf(info));
  const line = graph.integers([-1]);
  const zeros = graph.node("ConstantOfShape", [
    graph.integers([batchSize * inChannels * inHeight * inWidth]),
  ]);
  const sums = graph.node(
    "ScatterElements",
    [
      zeros,
      graph.node("Reshape", [places!, line]),
      graph.node("Reshape", [toChannelsFirst(graph, dy), line]),
    ],
    { axis: 0, reduction: "add" },
  );
  const shape = graph.integers([batchSize, inChannels, inHeight, inWidth]);
  return toChannelsLast(graph, graph.node("Reshape", [sums, shape]));
}

const maximumCotangent = kernel<PoolWindow>(tf.MaxPoolGrad, ({ dy, input }, window) => {
  if (dy === undefined || input === undefined) return undefined;
  if (!worthwhile(input) || !allFloat(dy, input)) return undefined;
  const info = poolGeometry(input.shape, window);
  return {
    key: `maximum-cotangent${keyOf(info)}`,
    inputs: [{ tensor: dy }, { tensor: input }],
    shape: input.shape,
    append: (graph, [cotangent, image]) => appendMaximumCotangent(graph, cotangent!, image!, info),
  };
});

/** `dy` with zeros between its pixels, as far apart as the windows: `[n, oh s, ow s, c]`. */
function spreadOut(graph: Graph, dy: Value, info: Info): Value {
  const { batchSize, outHeight, outWidth, strideHeight, strideWidth, inChannels } = info;
  if (strideHeight === 1 && strideWidth === 1) return dy;
  const split = graph.integers([batchSize, outHeight, 1, outWidth, 1, inChannels]);
  const behind = [0, 0, strideHeight - 1, 0, strideWidth - 1, 0];
  const pads = graph.integers([...behind.map(() => 0), ...behind]);
  const apart = graph.node("Pad", [graph.node("Reshape", [dy, split]), pads]);
  const whole = [batchSize, outHeight * strideHeight, outWidth * strideWidth, inChannels];
  return graph.node("Reshape", [apart, graph.integers(whole)]);
}

/**
 * Every pixel receives the mean of the cotangents over all windows that hold it: an average itself.
 */
function appendAverageCotangent(graph: Graph, dy: Value, info: Info): Value {
  const { filterHeight, filterWidth, padInfo, strideHeight, strideWidth } = info;
  const top = filterHeight - 1 - padInfo.top;
  const left = filterWidth - 1 - padInfo.left;
  const bottom = info.inHeight + filterHeight - 1 - top - info.outHeight * strideHeight;
  const right = info.inWidth + filterWidth - 1 - left - info.outWidth * strideWidth;
  const pads = graph.integers([0, top, left, 0, 0, bottom, right, 0]);
  const padded = graph.node("Pad", [spreadOut(graph, dy, info), pads]);
  const attributes = { kernel_shape: [filterHeight, filterWidth], strides: [1, 1] };
  const planes = graph.node("AveragePool", [toChannelsFirst(graph, padded)], attributes);
  return toChannelsLast(graph, planes);
}

const averageCotangent = kernel<PoolWindow>(tf.AvgPoolGrad, ({ dy, input }, window) => {
  if (dy === undefined || input === undefined) return undefined;
  if (!worthwhile(input) || !allFloat(dy, input)) return undefined;
  const info = poolGeometry(input.shape, window);
  return {
    key: `average-cotangent${keyOf(info)};${input.shape}`,
    inputs: [{ tensor: dy }],
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
