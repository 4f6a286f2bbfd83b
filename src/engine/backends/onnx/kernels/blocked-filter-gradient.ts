import { blockedConvolution } from "../block.js";
import type { Graph } from "../graph.js";
import type { Value } from "../model.js";
import type { Operand, Placed } from "../operand.js";
import type { Geometry } from "./geometry.js";
import { crop } from "./geometry.js";

/** Sizes by which the output's pixels and the samples fill blocks. */
interface Filling {
  /** Samples that share a block of pixels; 1 when a row has a block or more. */
  readonly together: number;
  /** Groups of such samples. */
  readonly groups: number;
  /** Blocks in a row of pixels. */
  readonly inRow: number;
}

/** How rows of `width` pixels fill blocks; undefined where they do not. */
function fillingOf(batch: number, width: number, block: number): Filling | undefined {
  if (width % block === 0) return { together: 1, groups: batch, inRow: width / block };
  const together = block / width;
  if (!Number.isInteger(together) || batch % together !== 0) return undefined;
  return { together, groups: batch / together, inRow: 1 };
}

/** Whether the filter's cotangent can be one convolution in blocks. */
export function fitsBlocks({ info }: Geometry, block: number): boolean {
  const { outChannels, batchSize, outWidth, dilationHeight, dilationWidth } = info;
  if (block === 0 || outChannels % block !== 0 || dilationHeight * dilationWidth !== 1)
    return false;
  return fillingOf(batchSize, outWidth, block) !== undefined;
}

/** Products of input and output channels from which samples are summed within the convolution. */
const manyProducts = 128 * 128;

/**
 * A matrix of zeros and ones that gives each row of input pixels once for every tap along the row,
 * shifted, thinned out by the stride and with zeros at the edges: `[together w, kw together ow]`.
 */
function shiftMatrix(graph: Graph, { info }: Geometry, together: number): Value {
  const { inWidth, outWidth, filterWidth, strideWidth, padInfo } = info;
  const [rows, columns] = [together * inWidth, filterWidth * together * outWidth];
  const matrix = new Float32Array(rows * columns);
  for (let sample = 0; sample < together; sample++) {
    for (let tap = 0; tap < filterWidth; tap++) {
      for (let x = 0; x < outWidth; x++) {
        const from = x * strideWidth + tap - padInfo.left;
        if (from < 0 || from >= inWidth) continue;
        const column = (tap * together + sample) * outWidth + x;
        matrix[(sample * inWidth + from) * columns + column] = 1;
      }
    }
  }
  return graph.constant(matrix, [rows, columns], "float32");
}

/**
 * The first `height` rows of pixels, those of samples that share a block side by side:
 * `[groups height c, together w]`.
 */
function pixelRows(
  graph: Graph,
  x: Operand,
  { info }: Geometry,
  { groups, together }: Filling,
  height: number,
): Value {
  const { inChannels, inHeight, inWidth } = info;
  const oneBlock = x.layout === "blocks" && inChannels === graph.blocks;
  if (oneBlock && together === 1 && height === inHeight) {
    const shape = [groups * height, inWidth, inChannels];
    const pixels = graph.node("Reshape", [x.in("blocks"), graph.integers(shape)]);
    const rows = graph.node("Transpose", [pixels], { perm: [0, 2, 1] });
    return graph.node("Reshape", [rows, graph.integers([shape[0]! * inChannels, inWidth])]);
  }
  const planes = crop(graph, x.in("planes"), [0, 0, height - inHeight, 0]);
  const split = [groups, together, inChannels, height, inWidth];
  const apart = graph.node("Reshape", [planes, graph.integers(split)]);
  const rows = graph.node("Transpose", [apart], { perm: [0, 3, 2, 1, 4] });
  const shape = [groups * height * inChannels, together * inWidth];
  return graph.node("Reshape", [rows, graph.integers(shape)]);
}

/** The cotangents as a filter in blocks whose input channels are the pixels of a block. */
function cotangentFilter(
  graph: Graph,
  dy: Operand,
  { info }: Geometry,
  { groups, together, inRow }: Filling,
  summed: boolean,
): Value {
  const block = graph.blocks;
  const { outChannels, outHeight, outWidth } = info;
  const channels = outChannels / block;
  const outputs = summed ? outChannels : outChannels * groups;
  const inputs = summed ? groups * block : block;
  const shape = graph.integers([outputs, inputs, outHeight, inRow]);
  const given = dy.in("blocks");
  if (together === 1 && !summed) return graph.node("Reshape", [given, shape]);
  const split = [groups, together, channels, outHeight, outWidth * block];
  const apart = graph.node("Reshape", [given, graph.integers(split)]);
  const perm = summed ? [2, 0, 3, 1, 4] : [0, 2, 3, 1, 4];
  return graph.node("Reshape", [graph.node("Transpose", [apart], { perm }), shape]);
}

/** From `[m / block, kh, c, kw, block]` to `[kh, kw, c, m]`. */
function inRows(graph: Graph, y: Value, { info }: Geometry): Value {
  const { filterHeight, filterWidth, inChannels, outChannels } = info;
  const { blocks } = graph;
  const split = [outChannels / blocks, filterHeight, inChannels, filterWidth, blocks];
  const apart = graph.node("Reshape", [y, graph.integers(split)]);
  const moved = graph.node("Transpose", [apart], { perm: [1, 3, 2, 0, 4] });
  return graph.node("Reshape", [moved, graph.integers(info.filterShape)]);
}

/**
 * The filter's cotangent as one convolution in blocks: the cotangents of the output are the filter,
 * with the pixels of a block in the place of input channels; the input's rows, shifted once for
 * each tap along the row, are the image, whose columns are channels and taps. Its vertical windows
 * give the taps along the column. Samples are groups, added up afterwards, or are summed within the
 * convolution where there are channels enough to keep it busy.
 */
export function appendBlockedFilterGradient(
  graph: Graph,
  x: Operand,
  dy: Operand,
  geometry: Geometry,
): Placed {
  const { info } = geometry;
  const block = graph.blocks;
  const { inChannels, outChannels, inHeight, outHeight, filterHeight, filterWidth } = info;
  const filling = fillingOf(info.batchSize, info.outWidth, block)!;
  const { groups, together, inRow } = filling;
  const summed = inChannels * outChannels >= manyProducts;
  const top = info.padInfo.top;
  const bottom = (outHeight - 1) * info.strideHeight + filterHeight - inHeight - top;
  // Rows that no window reads are cut off, so that exactly the taps of the filter come out.
  const height = inHeight + Math.min(bottom, 0);
  const shifted = graph.node("MatMul", [
    pixelRows(graph, x, geometry, filling, height),
    shiftMatrix(graph, geometry, together),
  ]);
  const image = graph.node("Reshape", [
    shifted,
    graph.integers([1, groups * block, height, inChannels * filterWidth * inRow]),
  ]);
  const y = blockedConvolution(
    graph,
    { x: image, filter: cotangentFilter(graph, dy, geometry, filling, summed) },
    {
      kernel_shape: [outHeight, inRow],
      strides: [1, inRow],
      dilations: [info.strideHeight, 1],
      pads: [top, 0, Math.max(bottom, 0), 0],
      group: summed ? 1 : groups,
    },
  );
  const size = outChannels * filterHeight * inChannels * filterWidth;
  const perGroup = graph.node("Reshape", [y, graph.integers([summed ? 1 : groups, size])]);
  const sum = graph.node("ReduceSum", [perGroup, graph.integers([0])], { keepdims: 0 });
  return { value: inRows(graph, summed ? perGroup : sum, geometry), layout: "rows" };
}
