import { blockedConvolution, blockedFilter, blockSize, fromBlocked, toBlocked } from "../block.js";
import type { Graph, Value } from "../graph.js";
import type { Geometry } from "./geometry.js";
import { crop, toChannelsFirst, toChannelsLast } from "./geometry.js";

/**
 * One axis of a strided convolution seen from its input. Pixels `s a + phase` of the input take
 * part in the outputs `a + low, ..., a + high`; `taps[phase][j]` is the tap that joins them to
 * output `a + low + j`, -1 for none.
 */
interface Axis {
  readonly low: number;
  readonly high: number;
  readonly taps: readonly (readonly number[])[];
  /** Groups of `stride` pixels that cover the input. */
  readonly groups: number;
}

function axisOf(size: number, stride: number, pad: number, length: number): Axis {
  const phases = Array.from({ length: stride }, (_, phase) => ({
    ahead: Math.floor((phase + pad) / stride),
    first: (phase + pad) % stride,
  }));
  const behind = ({ ahead, first }: { ahead: number; first: number }): number =>
    ahead - Math.max(0, Math.floor((size - 1 - first) / stride));
  const low = Math.min(...phases.map(behind));
  const high = Math.max(...phases.map(({ ahead }) => ahead));
  const tapOf = (ahead: number, first: number, j: number): number => {
    const turn = ahead - low - j;
    const tap = stride * turn + first;
    return turn >= 0 && tap < size ? tap : -1;
  };
  const taps = phases.map(({ ahead, first }) =>
    Array.from({ length: high - low + 1 }, (_, j) => tapOf(ahead, first, j)),
  );
  return { low, high, taps, groups: Math.ceil(length / stride) };
}

/**
 * For each place of the dense window and each phase, the tap of the filter; the tap after the last
 * is zero.
 */
function tapOrder(rows: Axis, columns: Axis, width: number, none: number): readonly number[] {
  const places = (axis: Axis): number[] =>
    Array.from({ length: axis.taps[0]!.length }, (_, j) => j);
  return places(rows).flatMap((y) =>
    places(columns).flatMap((x) =>
      rows.taps.flatMap((rowTaps) =>
        columns.taps.map((columnTaps) => {
          const [row, column] = [rowTaps[y]!, columnTaps[x]!];
          return row < 0 || column < 0 ? none : row * width + column;
        }),
      ),
    ),
  );
}

/** The filter of the dense convolution: `[rows, columns, phases * c, m]`. */
function denseFilter(
  graph: Graph,
  filter: Value,
  { info }: Geometry,
  rows: Axis,
  columns: Axis,
): Value {
  const { filterHeight, filterWidth, inChannels, outChannels } = info;
  const taps = filterHeight * filterWidth;
  const piece = inChannels * outChannels;
  const apart = graph.node("Reshape", [filter, graph.integers([taps, piece])]);
  const pads = graph.integers([0, 0, 1, 0]);
  const withZero = graph.node("Pad", [apart, pads]);
  const order = graph.integers(tapOrder(rows, columns, filterWidth, taps));
  return graph.node("Gather", [withZero, order]);
}

/** The dense convolution of `dy`, `m` channels to `phases * c`: blocked where channels allow it. */
function convolve(
  graph: Graph,
  dy: Value,
  weights: Value,
  shape: readonly [number, number, number, number],
  pads: readonly number[],
): Value {
  const [height, width, phaseChannels, outChannels] = shape;
  const attributes = {
    kernel_shape: [height, width],
    strides: [1, 1],
    pads: pads.map((pad) => Math.max(pad, 0)),
    dilations: [1, 1],
  };
  const image = crop(graph, dy, pads);
  const block = blockSize();
  const whole = graph.node("Reshape", [weights, graph.integers(shape)]);
  if (block > 0 && phaseChannels % block === 0 && outChannels % block === 0) {
    const inBlocks = blockedFilter(graph, whole, shape, block, true);
    const dx = blockedConvolution(graph, toBlocked(graph, image), inBlocks, attributes);
    return fromBlocked(graph, dx, phaseChannels);
  }
  const swapped = graph.node("Transpose", [whole], { perm: [2, 3, 0, 1] });
  const planes = graph.node("Conv", [toChannelsFirst(graph, image), swapped], attributes);
  return toChannelsLast(graph, planes);
}

/** From groups of phases to pixels, cut to the size of the input. */
function interleave(graph: Graph, x: Value, { info }: Geometry, rows: Axis, columns: Axis): Value {
  const { batchSize, strideHeight, strideWidth, inChannels, inHeight, inWidth } = info;
  const split = [batchSize, rows.groups, columns.groups, strideHeight, strideWidth, inChannels];
  const apart = graph.node("Reshape", [x, graph.integers(split)]);
  const moved = graph.node("Transpose", [apart], { perm: [0, 1, 3, 2, 4, 5] });
  const size = [rows.groups * strideHeight, columns.groups * strideWidth] as const;
  const whole = graph.integers([batchSize, size[0], size[1], inChannels]);
  const pixels = graph.node("Reshape", [moved, whole]);
  return crop(graph, pixels, [0, 0, inHeight - size[0], inWidth - size[1]]);
}

/**
 * The input's cotangent of a strided convolution as one dense convolution of `dy` whose channels
 * are the phases of the stride, and an interleaving of these.
 */
export function appendStrided(graph: Graph, dy: Value, filter: Value, geometry: Geometry): Value {
  const { info } = geometry;
  const { strideHeight, strideWidth, padInfo, inChannels, outChannels } = info;
  const rows = axisOf(info.filterHeight, strideHeight, padInfo.top, info.inHeight);
  const columns = axisOf(info.filterWidth, strideWidth, padInfo.left, info.inWidth);
  const shape = [
    rows.high - rows.low + 1,
    columns.high - columns.low + 1,
    strideHeight * strideWidth * inChannels,
    outChannels,
  ] as const;
  const pads = [
    -rows.low,
    -columns.low,
    rows.groups + rows.high - info.outHeight,
    columns.groups + columns.high - info.outWidth,
  ];
  const weights = denseFilter(graph, filter, geometry, rows, columns);
  const phases = convolve(graph, dy, weights, shape, pads);
  return interleave(graph, phases, geometry, rows, columns);
}

/**
 * The same for a 1x1 filter without padding: a product for each pixel of `dy`, zeros between the
 * pixels.
 */
export function appendStridedPointwise(
  graph: Graph,
  dy: Value,
  filter: Value,
  { info }: Geometry,
): Value {
  const { batchSize, outHeight, outWidth, inChannels, outChannels } = info;
  const { strideHeight, strideWidth, inHeight, inWidth } = info;
  const matrix = graph.node("Reshape", [filter, graph.integers([inChannels, outChannels])]);
  const across = graph.node("Transpose", [matrix], { perm: [1, 0] });
  const products = graph.node("MatMul", [dy, across]);
  const split = graph.integers([batchSize, outHeight, 1, outWidth, 1, inChannels]);
  const behind = [0, 0, strideHeight - 1, 0, strideWidth - 1, 0];
  const pads = graph.integers([...behind.map(() => 0), ...behind]);
  const apart = graph.node("Pad", [graph.node("Reshape", [products, split]), pads]);
  const [height, width] = [outHeight * strideHeight, outWidth * strideWidth];
  const whole = graph.integers([batchSize, height, width, inChannels]);
  const pixels = graph.node("Reshape", [apart, whole]);
  const rest = graph.integers([0, 0, 0, 0, 0, inHeight - height, inWidth - width, 0]);
  return graph.node("Pad", [pixels, rest]);
}
