import { maxPoolPick } from "../../../gradients/pooling.js";
import * as tf from "../../../tf.js";
import type { Graph } from "../graph.js";
import type { Value } from "../model.js";
import type { Operand, Placed } from "../operand.js";
import type { Kernel, Plan } from "../plan.js";
import { kernel } from "../plan.js";
import { allFloat } from "./checks.js";
import type { PoolWindow } from "./geometry.js";
import { poolAttributes, poolGeometry } from "./geometry.js";
import { firstMaxima } from "./maximum-cotangent.js";

type Info = tf.backend_util.Conv2DInfo;

/** Numbers `start + i step`, `count` of them, along one of four axes. */
function steps(graph: Graph, axis: number, start: number, step: number, count: number): Value {
  const shape = [1, 1, 1, 1].map((size, i) => (i === axis ? count : size));
  return graph.constant(
    Int32Array.from({ length: count }, (_, i) => start + i * step),
    shape,
    "int32",
  );
}

/** Places by the offset of each window's first maximum from the window's start. */
function placesByOffsets(graph: Graph, image: Operand, info: Info): readonly Value[] {
  const { batchSize, inChannels, inHeight, inWidth, padInfo } = info;
  const { maxima, all } = firstMaxima(graph, image, info);
  const offsets = all
    .map(({ row, column, value }) =>
      graph.node("Mul", [value, graph.scalar(row * inWidth + column)]),
    )
    .reduce((sum, one) => graph.node("Add", [sum, one]));
  const plane = inHeight * inWidth;
  const starts = [
    steps(graph, 0, 0, inChannels * plane, batchSize),
    steps(graph, 1, 0, plane, inChannels),
    steps(graph, 2, -padInfo.top * inWidth, info.strideHeight * inWidth, info.outHeight),
    steps(graph, 3, -padInfo.left, info.strideWidth, info.outWidth),
  ];
  const whole = graph.node("Cast", [offsets], { to: 6 });
  return [maxima, starts.reduce((sum, one) => graph.node("Add", [sum, one]), whole)];
}

/** The maxima of windows and the place of the first of each, counted over `[n, c, h, w]`. */
export function maximaAndPlaces(graph: Graph, image: Operand, info: Info): readonly Value[] {
  if (graph.onGpu) return placesByOffsets(graph, image, info);
  return graph.nodeWithOutputs(2, "MaxPool", [image.in("planes")], poolAttributes(info));
}

/**
 * Places as TensorFlow.js counts them, over `[n, h, w, c]` or `[h, w, c]`. With p positions, place
 * `(n C + c) p + i` becomes `n p C + i C + c`, which is C times it plus a number for each plane.
 * Sums on the way may leave 32 bits and come back, as whole numbers wrap around.
 */
function callersPlaces(graph: Graph, places: Value, info: Info, withBatch: boolean): Value {
  const { batchSize, inChannels, inHeight, inWidth } = info;
  const positions = inHeight * inWidth;
  const offsets = Array.from({ length: batchSize * inChannels }, (_, plane) => {
    const [sample, channel] = [Math.floor(plane / inChannels), plane % inChannels];
    const start = withBatch ? sample * positions * inChannels : 0;
    return start + channel - plane * positions * inChannels;
  });
  const shape = [batchSize, inChannels, 1, 1];
  const each = graph.constant(Int32Array.from(offsets), shape, "int32");
  const narrow = graph.node("Cast", [places], { to: 6 });
  return graph.node("Add", [graph.node("Mul", [narrow, graph.scalar(inChannels, "int32")]), each]);
}

const withPlaces = kernel<PoolWindow & { includeBatchInIndex: boolean }>(
  tf.MaxPoolWithArgmax,
  ({ x }, window) => {
    if (x === undefined || !allFloat(x)) return undefined;
    const info = poolGeometry(x.shape, window);
    const key = `${JSON.stringify(poolAttributes(info))};${window.includeBatchInIndex}`;
    const common = { inputs: [x], shape: info.outShape };
    const maxima: Plan = {
      ...common,
      key: `${key};maxima`,
      append: (graph, [image]) => ({
        value: maximaAndPlaces(graph, image!, info)[0]!,
        layout: "planes",
      }),
    };
    const places: Plan = {
      ...common,
      key: `${key};places`,
      type: "int32",
      append: (graph, [image]) => {
        const own = maximaAndPlaces(graph, image!, info)[1]!;
        const value = callersPlaces(graph, own, info, window.includeBatchInIndex);
        return { value, layout: "planes" };
      },
    };
    return [maxima, places];
  },
);

function appendPick(graph: Graph, values: Operand, input: Operand, info: Info): Placed {
  const line = graph.integers([-1]);
  const flat = graph.node("Reshape", [values.in("planes"), line]);
  const places = maximaAndPlaces(graph, input, info)[1]!;
  return { value: graph.node("Gather", [flat, places], { axis: 0 }), layout: "planes" };
}

const pick = kernel<PoolWindow>(maxPoolPick, ({ x, input }, window) => {
  if (x === undefined || input === undefined || !allFloat(x, input)) return undefined;
  const info = poolGeometry(input.shape, window);
  return {
    key: JSON.stringify(poolAttributes(info)),
    inputs: [x, input],
    shape: info.outShape,
    append: (graph, [values, image]) => appendPick(graph, values!, image!, info),
  };
});

/** Kernels that go by where the maxima of windows lie. */
export const maximaKernels: readonly Kernel[] = [withPlaces, pick];
