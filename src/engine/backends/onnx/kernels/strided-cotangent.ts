import { blockedConvolution, blockedFilter } from "../block.js";
import type { Graph } from "../graph.js";
import type { Value } from "../model.js";
import type { Operand, Placed } from "../operand.js";
import type { Geometry } from "./geometry.js";
import { padsOf } from "./geometry.js";
import { interleaved } from "./phases.js";

/** One axis of a convolution with a stride. */
interface Axis {
  readonly stride: number;
  /** Taps of the filter. */
  readonly size: number;
  /** Zeros before the input. */
  readonly pad: number;
  readonly input: number;
  readonly output: number;
}

/** Which taps reach the inputs of one residue of the stride, and the pads of their convolution. */
interface Reach {
  /** The first of the taps, which are a stride apart, and their number. */
  readonly first: number;
  readonly taps: number;
  readonly before: number;
  readonly after: number;
}

/**
 * Input `stride i + residue` is met by output `i + shift - j` under tap `first + stride j`; so its
 * cotangent is a convolution of stride 1 with these taps in reverse order.
 */
function reachOf({ stride, size, pad, input, output }: Axis, residue: number): Reach {
  const first = (residue + pad) % stride;
  const taps = Math.max(0, Math.ceil((size - first) / stride));
  const shift = (residue + pad - first) / stride;
  return { first, taps, before: taps - 1 - shift, after: input / stride + shift - output };
}

function axesOf({ info }: Geometry): readonly [Axis, Axis] {
  const [top, left] = padsOf(info) as [number, number];
  return [
    {
      stride: info.strideHeight,
      size: info.filterHeight,
      pad: top,
      input: info.inHeight,
      output: info.outHeight,
    },
    {
      stride: info.strideWidth,
      size: info.filterWidth,
      pad: left,
      input: info.inWidth,
      output: info.outWidth,
    },
  ];
}

/** The reach of every residue; undefined where phases differ in size or would have to be cut. */
function reaches(axis: Axis): readonly Reach[] | undefined {
  if (axis.input % axis.stride !== 0) return undefined;
  const all = Array.from({ length: axis.stride }, (_, residue) => reachOf(axis, residue));
  const fits = ({ taps, before, after }: Reach) => taps === 0 || (before >= 0 && after >= 0);
  return all.every(fits) ? all : undefined;
}

/** Taps of the filter `[kh, kw, in, out]`, a stride apart, last first. */
function tapsOf(
  graph: Graph,
  filter: Operand,
  [down, across]: readonly [Reach, Reach],
  [high, wide]: readonly [Axis, Axis],
): Value {
  const from = (reach: Reach, { stride }: Axis) => reach.first + stride * (reach.taps - 1);
  const lists = [
    [from(down, high), from(across, wide)],
    [-high.size - 1, -wide.size - 1],
    [0, 1],
    [-high.stride, -wide.stride],
  ];
  const whole = down.taps * across.taps === 1 && high.size * wide.size === 1;
  const given = filter.in("rows");
  return whole ? given : graph.node("Slice", [given, ...lists.map((list) => graph.integers(list))]);
}

/** The cotangents of the inputs of one residue along each axis. */
function phase(
  graph: Graph,
  dy: Value,
  filter: Operand,
  [down, across]: readonly [Reach, Reach],
  axes: readonly [Axis, Axis],
): Value | undefined {
  if (down.taps === 0 || across.taps === 0) return undefined;
  const [, , inputs, outputs] = filter.shape as [number, number, number, number];
  const taps = tapsOf(graph, filter, [down, across], axes);
  const weights = blockedFilter(graph, taps, [down.taps, across.taps, inputs, outputs], true);
  const attributes = {
    kernel_shape: [down.taps, across.taps],
    strides: [1, 1],
    pads: [down.before, across.before, down.after, across.after],
    dilations: [1, 1],
  };
  return blockedConvolution(graph, { x: dy, filter: weights }, attributes);
}

/**
 * The cotangent towards the input of a convolution with a stride, in blocks: the pixels of each
 * residue are a convolution of stride 1 of their own, with those taps that reach them. Both
 * numbers of channels fill blocks. Undefined where the stride leaves a remainder of the input.
 */
export function stridedCotangent(
  graph: Graph,
  dy: Operand,
  filter: Operand,
  geometry: Geometry,
): Placed | undefined {
  const { info } = geometry;
  const axes = axesOf(geometry);
  const [rows, columns] = axes.map(reaches);
  const plain = info.dilationHeight === 1 && info.dilationWidth === 1;
  if (!plain || rows === undefined || columns === undefined) return undefined;
  const cotangents = dy.in("blocks");
  const phases = rows.map((down) =>
    columns.map((across) => phase(graph, cotangents, filter, [down, across], axes)),
  );
  const value = interleaved(graph, phases, {
    batch: info.batchSize,
    channels: info.inChannels,
    height: info.inHeight / info.strideHeight,
    width: info.inWidth / info.strideWidth,
  });
  return { value, layout: "blocks" };
}
