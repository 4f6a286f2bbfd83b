import type { Graph } from "../graph.js";
import type { Value } from "../model.js";
import type { Operand, Placed } from "../operand.js";
import type { Geometry } from "./geometry.js";
import { padsOf } from "./geometry.js";

/**
 * Entries of a tap's product from which one product over all samples keeps a GPU busy; below, each
 * sample has a product of its own, and these are added up.
 */
const busy = 2 ** 16;

/** The pixels that a tap of the filter meets, `[n, c, oh, ow]` of the padded input. */
function met(graph: Graph, padded: Value, tap: number, { info }: Geometry): Value {
  const { outHeight, outWidth, strideHeight, strideWidth, filterWidth } = info;
  const top = Math.floor(tap / filterWidth) * info.dilationHeight;
  const left = (tap % filterWidth) * info.dilationWidth;
  const ends = [top + (outHeight - 1) * strideHeight + 1, left + (outWidth - 1) * strideWidth + 1];
  const lists = [[top, left], ends, [2, 3], [strideHeight, strideWidth]];
  return graph.node("Slice", [padded, ...lists.map((list) => graph.integers(list))]);
}

/** Products of single samples `[c, pixels] x [pixels, m]`, added up. */
function sumOfProducts(graph: Graph, pixels: Value, dy: Operand, { info }: Geometry): Value {
  const { batchSize, inChannels, outChannels, outHeight, outWidth } = info;
  const count = outHeight * outWidth;
  const each = graph.node("Reshape", [pixels, graph.integers([batchSize, inChannels, count])]);
  const shape = graph.integers([batchSize, count, outChannels]);
  const products = graph.node("MatMul", [each, graph.node("Reshape", [dy.in("rows"), shape])]);
  return graph.node("ReduceSum", [products, graph.integers([0])], { keepdims: 0 });
}

/** The product over the pixels of all samples. */
function productOfAll(graph: Graph, pixels: Value, dy: Operand, { info }: Geometry): Value {
  const { batchSize, inChannels, outChannels, outHeight, outWidth } = info;
  const count = batchSize * outHeight * outWidth;
  const byChannel = graph.node("Transpose", [pixels], { perm: [1, 0, 2, 3] });
  const matrix = graph.node("Reshape", [byChannel, graph.integers([inChannels, count])]);
  const shape = graph.integers([count, outChannels]);
  return graph.node("MatMul", [matrix, graph.node("Reshape", [dy.in("rows"), shape])]);
}

/** The cotangent of a filter on a GPU: for each tap, its pixels times the cotangents. */
export function appendProducts(graph: Graph, x: Operand, dy: Operand, geometry: Geometry): Placed {
  const { info } = geometry;
  const { filterHeight, filterWidth, inChannels, outChannels } = info;
  const [top, left, bottom, right] = padsOf(info) as [number, number, number, number];
  const pads = graph.integers([0, 0, top, left, 0, 0, bottom, right]);
  const planes = x.in("planes");
  const padded = top + left + bottom + right === 0 ? planes : graph.node("Pad", [planes, pads]);
  const product = inChannels * outChannels < busy ? sumOfProducts : productOfAll;
  const products = Array.from({ length: filterHeight * filterWidth }, (_, tap) =>
    product(graph, met(graph, padded, tap, geometry), dy, geometry),
  );
  const all = products.length > 1 ? graph.node("Concat", products, { axis: 0 }) : products[0]!;
  const value = graph.node("Reshape", [all, graph.integers(info.filterShape)]);
  return { value, layout: "rows" };
}
