import * as tf from "../../../tf.js";
import type { Graph } from "../graph.js";
import type { Value } from "../model.js";
import { microsoft } from "../model.js";
import type { Operand, Placed } from "../operand.js";
import type { Kernel } from "../plan.js";
import { kernel } from "../plan.js";
import { appendBlockedFilterGradient, fitsBlocks } from "./blocked-filter-gradient.js";
import { isPlain } from "./convolution.js";
import { appendProducts } from "./filter-products.js";
import type { Geometry, Window } from "./geometry.js";
import { convolutionGeometry, keyOf, padsOf } from "./geometry.js";

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

/** Channels first of all, pixels of all samples behind each other: `[c, n, h, w]`. */
function byChannel(graph: Graph, x: Operand): Value {
  return x.layout === "rows"
    ? graph.node("Transpose", [x.in("rows")], { perm: [3, 0, 1, 2] })
    : graph.node("Transpose", [x.in("planes")], { perm: [1, 0, 2, 3] });
}

/** For each tap the product of its pixels `[c, pixels]` with the cotangents `[m, pixels]`. */
function appendTaps(graph: Graph, x: Operand, dy: Operand, geometry: Geometry): Placed {
  const { info } = geometry;
  const { filterHeight, filterWidth, inChannels, outChannels } = info;
  const count = info.batchSize * info.outHeight * info.outWidth;
  const [top, left, bottom, right] = padsOf(info) as [number, number, number, number];
  const pads = graph.integers([0, 0, top, left, 0, 0, bottom, right]);
  const planes = byChannel(graph, x);
  const padded = top + left + bottom + right === 0 ? planes : graph.node("Pad", [planes, pads]);
  const cotangents = graph.node("Reshape", [
    byChannel(graph, dy),
    graph.integers([outChannels, count]),
  ]);
  const products = Array.from({ length: filterHeight * filterWidth }, (_, tap) => {
    const pixels = met(graph, padded, Math.floor(tap / filterWidth), tap % filterWidth, geometry);
    const matrix = graph.node("Reshape", [pixels, graph.integers([inChannels, count])]);
    return graph.node("FusedMatMul", [matrix, cotangents], { transB: 1 }, microsoft);
  });
  const all = products.length > 1 ? graph.node("Concat", products, { axis: 0 }) : products[0]!;
  const value = graph.node("Reshape", [all, graph.integers(info.filterShape)]);
  return { value, layout: "rows" };
}

function algorithmFor(geometry: Geometry, graph: Graph) {
  if (graph.onGpu) return appendProducts;
  return fitsBlocks(geometry, graph.blocks) ? appendBlockedFilterGradient : appendTaps;
}

const toFilter = kernel<Window & { filterShape: number[] }>(
  tf.Conv2DBackpropFilter,
  ({ x, dy }, window) => {
    if (x === undefined || dy === undefined || !isPlain(window, x, dy)) return undefined;
    const geometry = convolutionGeometry(x.shape, window.filterShape, window);
    const { filterShape } = geometry.info;
    return {
      key: `${keyOf(geometry)};${filterShape}`,
      inputs: [x, dy],
      shape: filterShape,
      append: (graph, [image, cotangent]) => {
        const append = algorithmFor(geometry, graph);
        return append(graph, image!, cotangent!, geometry);
      },
    };
  },
);

/** The cotangent of a convolution's filter. */
export const filterGradientKernels: readonly Kernel[] = [toFilter];
