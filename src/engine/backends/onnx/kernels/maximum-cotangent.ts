import type * as tf from "../../../tf.js";
import type { Graph } from "../graph.js";
import type { Value } from "../model.js";
import type { Operand, Placed } from "../operand.js";
import { crop, padsOf, poolAttributes } from "./geometry.js";
import { positive } from "./unary.js";

type Info = tf.backend_util.Conv2DInfo;

/** Smaller than every signal; a padded place is no maximum. */
const lowest = -3.4e38;

/** Numbers from 0 below `count`. */
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** The image with its pads around it. */
function padded(graph: Graph, image: Value, info: Info): Value {
  const [top, left, bottom, right] = padsOf(info) as [number, number, number, number];
  if (top + left + bottom + right === 0) return image;
  const pads = graph.integers([0, 0, top, left, 0, 0, bottom, right]);
  return graph.node("Pad", [image, pads, graph.scalar(lowest)]);
}

/** The pixels that each window has at one of its places, `[n, c, oh, ow]`. */
function pixelsAt(graph: Graph, image: Value, row: number, column: number, info: Info): Value {
  const { outHeight, outWidth, strideHeight, strideWidth } = info;
  const ends = [
    row + (outHeight - 1) * strideHeight + 1,
    column + (outWidth - 1) * strideWidth + 1,
  ];
  const lists = [[row, column], ends, [2, 3], [strideHeight, strideWidth]];
  return graph.node("Slice", [image, ...lists.map((list) => graph.integers(list))]);
}

/** What a place of the windows receives, and where the place is. */
export interface Share {
  readonly row: number;
  readonly column: number;
  readonly value: Value;
}

/**
 * Goes through the places of a window in order; the first maximum takes the cotangent. In floats:
 * where a layout is moved through a comparison, its yes and no would be moved on the CPU.
 */
function shares(graph: Graph, dy: Value, image: Value, maxima: Value, info: Info): Share[] {
  let left = dy;
  return upTo(info.filterHeight).flatMap((row) =>
    upTo(info.filterWidth).map((column): Share => {
      const below = graph.node("Sub", [maxima, pixelsAt(graph, image, row, column, info)]);
      const others = graph.node("Mul", [left, positive(graph, below)]);
      const value = graph.node("Sub", [left, others]);
      left = others;
      return { row, column, value };
    }),
  );
}

/**
 * The maxima of windows, and for each place of a window 1 where its first maximum is, else 0. Where
 * `dy` is given, that in place of 1. ONNX Runtime's WebGPU provider counts no places of maxima, so
 * every place of the windows is compared with the maxima.
 */
export function firstMaxima(graph: Graph, input: Operand, info: Info, dy?: Value) {
  const image = input.in("planes");
  const maxima = graph.node("MaxPool", [image], poolAttributes(info));
  const one = dy ?? graph.scalar(1);
  return { maxima, all: shares(graph, one, padded(graph, image, info), maxima, info) };
}

/** Rows and columns of cotangents a phase has: one for each stride of the padded image. */
function phaseSize({ inHeight, inWidth, padInfo, strideHeight, strideWidth }: Info) {
  return [
    Math.ceil((padInfo.top + inHeight + padInfo.bottom) / strideHeight),
    Math.ceil((padInfo.left + inWidth + padInfo.right) / strideWidth),
  ] as const;
}

/** The sum of the shares that fall on rows `row + i strideHeight`, columns alike. */
function phase(
  graph: Graph,
  all: readonly Share[],
  row: number,
  column: number,
  info: Info,
): Value {
  const { batchSize, inChannels, outHeight, outWidth, strideHeight, strideWidth } = info;
  const [height, width] = phaseSize(info);
  const moved = all
    .filter((one) => one.row % strideHeight === row && one.column % strideWidth === column)
    .map((one) => {
      const [top, left] = [(one.row - row) / strideHeight, (one.column - column) / strideWidth];
      const pads = [0, 0, top, left, 0, 0, height - top - outHeight, width - left - outWidth];
      return graph.node("Pad", [one.value, graph.integers(pads)]);
    });
  if (moved.length > 0) return moved.reduce((sum, one) => graph.node("Add", [sum, one]));
  const shape = graph.integers([batchSize, inChannels, height, width]);
  return graph.node("Expand", [graph.scalar(0), shape]);
}

/** Puts phases between each other: row `i strideHeight + row` is row `i` of phase `row`. */
function interleaved(graph: Graph, all: readonly Share[], info: Info): Value {
  const { batchSize, inChannels, strideHeight, strideWidth } = info;
  const [height, width] = phaseSize(info);
  const apart = graph.integers([batchSize, inChannels, height, 1, width, 1]);
  const rows = upTo(strideHeight).map((row) => {
    const columns = upTo(strideWidth).map((column) =>
      graph.node("Reshape", [phase(graph, all, row, column, info), apart]),
    );
    return columns.length > 1 ? graph.node("Concat", columns, { axis: 5 }) : columns[0]!;
  });
  const together = rows.length > 1 ? graph.node("Concat", rows, { axis: 3 }) : rows[0]!;
  const whole = [batchSize, inChannels, height * strideHeight, width * strideWidth];
  return graph.node("Reshape", [together, graph.integers(whole)]);
}

/** Each cotangent goes to its window's first maximum, without the places of maxima. */
export function appendByPlaces(graph: Graph, dy: Operand, input: Operand, info: Info): Placed {
  const { inHeight, inWidth, padInfo, strideHeight, strideWidth } = info;
  const { all } = firstMaxima(graph, input, info, dy.in("planes"));
  const [height, width] = phaseSize(info);
  const behind = [height * strideHeight, width * strideWidth] as const;
  const value = crop(graph, interleaved(graph, all, info), [
    -padInfo.top,
    -padInfo.left,
    inHeight + padInfo.top - behind[0],
    inWidth + padInfo.left - behind[1],
  ]);
  return { value, layout: "planes" };
}
