import * as tf from "../../../tf.js";
import type { Graph, Value } from "../graph.js";
import { microsoft } from "../graph.js";
import type { Kernel, Plan } from "../kernel.js";
import { kernel } from "../kernel.js";
import { forJavaScript } from "./convolution.js";
import type { Geometry, Window } from "./geometry.js";
import { convolutionGeometry, isPointwise, keyOf, padsOf, pixels } from "./geometry.js";

/** A 1x1 filter: transposed input pixels times output cotangents. */
function pointwise(x: tf.TensorInfo, dy: tf.TensorInfo, { info }: Geometry): Plan {
  const { inChannels, outChannels, filterShape } = info;
  return {
    key: "pointwise-filter",
    inputs: [
      { tensor: x, shape: [pixels(x.shape), inChannels] },
      { tensor: dy, shape: [pixels(dy.shape), outChannels] },
    ],
    shape: filterShape,
    graphShape: [inChannels, outChannels],
    append: (graph, values) => graph.node("FusedMatMul", values, { transA: 1 }, microsoft),
  };
}

/**
 * The pixels that tap `(row, column)` of the filter meets: `[c, n, oh, ow]` of the padded input.
 */
function met(graph: Graph, padded: Value, row: number, column: number, { info }: Geometry): Value {
  const { outHeight, outWidth, strideHeight, strideWidth } = info;
  const [top, left] = [row * info.dilationHeight, column * info.dilationWidth];
  return graph.node("Slice", [
    padded,
    graph.integers([top, left]),
    graph.integers([
      top + (outHeight - 1) * strideHeight + 1,
      left + (outWidth - 1) * strideWidth + 1,
    ]),
    graph.integers([2, 3]),
    graph.integers([strideHeight, strideWidth]),
  ]);
}

/** All taps below each other, `[kh kw c, pixels]`, times the cotangents `[pixels, m]`. */
function appendTaps(graph: Graph, x: Value, dy: Value, geometry: Geometry): Value {
  const { info } = geometry;
  const { filterHeight, filterWidth, inChannels, batchSize, outHeight, outWidth } = info;
  const [top, left, bottom, right] = padsOf(info) as [number, number, number, number];
  const planes = graph.node("Transpose", [x], { perm: [3, 0, 1, 2] });
  const pads = graph.integers([0, 0, top, left, 0, 0, bottom, right]);
  const padded = graph.node("Pad", [planes, pads]);
  const taps = Array.from({ length: filterHeight * filterWidth }, (_, tap) =>
    met(graph, padded, Math.floor(tap / filterWidth), tap % filterWidth, geometry),
  );
  const stacked = graph.node("Concat", taps, { axis: 0 });
  const rows = filterHeight * filterWidth * inChannels;
  const columns = batchSize * outHeight * outWidth;
  const matrix = graph.node("Reshape", [stacked, graph.integers([rows, columns])]);
  return graph.node("MatMul", [matrix, dy]);
}

const toFilter = kernel<Window & { filterShape: number[] }>(
  tf.Conv2DBackpropFilter,
  ({ x, dy }, window) => {
    if (x === undefined || dy === undefined) return undefined;
    const geometry = convolutionGeometry(x.shape, window.filterShape, window);
    if (forJavaScript(geometry, window, x, dy)) return undefined;
    if (isPointwise(geometry)) return pointwise(x, dy, geometry);
    const { filterHeight, filterWidth, inChannels, outChannels, filterShape } = geometry.info;
    return {
      key: `filter-cotangent${keyOf(geometry)};${filterShape}`,
      inputs: [{ tensor: x }, { tensor: dy, shape: [pixels(dy.shape), outChannels] }],
      shape: filterShape,
      graphShape: [filterHeight * filterWidth * inChannels, outChannels],
      append: (graph, [image, cotangent]) => appendTaps(graph, image!, cotangent!, geometry),
    };
  },
);

/** The cotangent of a convolution's filter. */
export const filterGradientKernels: readonly Kernel[] = [toFilter];
