import { blockedConvolution } from "../block.js";
import type { Graph } from "../graph.js";
import type { Value } from "../model.js";
import { blockedDomain } from "../model.js";
import type { Deferred, Extras, Operand } from "../operand.js";
import { interleaved } from "./phases.js";

/**
 * F(2x2, 3x3): two by two outputs from four by four inputs d and a filter g as
 * A'[(G g G') x (B' d B)]A, 16 products instead of 36. Its coefficients are 0, 1 and 1/2, so that
 * float32 loses a factor of two or three against the sum of nine, some 4e-7 of the signal.
 * Source: Winograd 1980, Arithmetic complexity of computations; Lavin & Gray 2015,
 * arXiv:1509.09308, equations (7) and (8).
 */
const filterRows = [
  [1, 0, 0],
  [0.5, 0.5, 0.5],
  [0.5, -0.5, 0.5],
  [0, 0, 1],
] as const;

/** B': the two inputs of each transformed one and their signs. */
const inputRows = [
  { at: [0, 2], signs: [1, -1] },
  { at: [1, 2], signs: [1, 1] },
  { at: [1, 2], signs: [-1, 1] },
  { at: [1, 3], signs: [1, -1] },
] as const;

/** The signs that the filters take over from A, whose last column is 0 and -1. */
const outputSigns = [1, 1, 1, -1] as const;

const four = [0, 1, 2, 3] as const;

/** A convolution 3x3 of stride 1 with a pad of 1, and numbers of channels that fill blocks. */
export interface Window3x3 {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly from: number;
  readonly to: number;
}

/** Multiply-adds in the time in which one float is transformed. */
const transformCost = 200;

/** Multiply-adds in the time that fifty more operations of any size take. */
const overhead = 1.5e8;

/** Whether transforming costs less than it saves; both sizes must be even. */
export function paysOff({ batch, height, width, from, to }: Window3x3): boolean {
  if (height % 2 !== 0 || width % 2 !== 0) return false;
  return batch * height * width * (5 * from * to - transformCost * (from + to)) > overhead;
}

/** The 16 combinations of a filter's nine taps; `turned` reverses the taps. */
function combinations(turned: boolean): Float32Array {
  const entry = (a: number, b: number, tap: number): number => {
    const at = turned ? 8 - tap : tap;
    const product = filterRows[a]![Math.floor(at / 3)]! * filterRows[b]![at % 3]!;
    return outputSigns[a]! * outputSigns[b]! * product;
  };
  const taps = Array.from({ length: 9 }, (_, tap) => tap);
  return Float32Array.from(
    four.flatMap((a) => four.flatMap((b) => taps.map((t) => entry(a, b, t)))),
  );
}

/** The 16 filters 1x1, in the layout of blocked convolutions, of `[3, 3, in, out]`. */
function transformedFilters(graph: Graph, filter: Operand, turned: boolean): readonly Value[] {
  const [, , inputs, outputs] = filter.shape as [number, number, number, number];
  const block = graph.blocks;
  const taps = graph.node("Reshape", [filter.in("rows"), graph.integers([9, inputs * outputs])]);
  const matrix = graph.table(`combinations ${turned}`, [16, 9], () => combinations(turned));
  const split = [16, inputs / block, block, outputs / block, block];
  const apart = graph.node("Reshape", [
    graph.node("MatMul", [matrix, taps]),
    graph.integers(split),
  ]);
  const perm = turned ? [0, 1, 3, 4, 2] : [0, 3, 1, 2, 4];
  const moved = graph.node("Transpose", [apart], { perm });
  const all = graph.node("Reshape", [moved, graph.integers([16, inputs * outputs])]);
  const sizes = graph.integers(Array.from({ length: 16 }, () => 1));
  const named = graph.integers(turned ? [inputs, outputs, 1, 1] : [outputs, inputs, 1, 1]);
  return graph
    .nodeWithOutputs(16, "Split", [all, sizes], { axis: 0 })
    .map((value) => graph.node("Reshape", [value, named]));
}

/** Four numbers for every channel as a filter of channels in blocks. */
function depthwiseFilter(graph: Graph, numbers: readonly number[], channels: number): Value {
  const { blocks } = graph;
  const each = (at: number): number => numbers[Math.floor(at / blocks) % numbers.length]!;
  return graph.table(`windows ${numbers} on ${channels}`, [channels, 1, 2, 2], () =>
    Float32Array.from({ length: channels * numbers.length }, (_, at) => each(at)),
  );
}

/** One of the 16 combinations of the inputs of every tile. */
function transformedInput(graph: Graph, x: Value, window: Window3x3, a: number, b: number): Value {
  const [down, across] = [inputRows[a]!, inputRows[b]!];
  const numbers = down.signs.flatMap((row) => across.signs.map((column) => row * column));
  const filter = depthwiseFilter(graph, numbers, window.from);
  const attributes = {
    kernel_shape: [2, 2],
    strides: [2, 2],
    pads: [
      1 - down.at[0],
      1 - across.at[0],
      Math.max(0, down.at[1] - 2),
      Math.max(0, across.at[1] - 2),
    ],
    dilations: [down.at[1] - down.at[0], across.at[1] - across.at[0]],
    group: window.from,
  };
  return graph.node("Conv", [x, filter], attributes, blockedDomain);
}

/** What makes one of the 16 products, added to a sum if there is one. */
type Product = (a: number, b: number, extras?: Extras, bias?: Value) => Value;

/**
 * The products of column `b` of the tiles, summed along the tiles' rows for the upper or the lower
 * outputs: m0 + (m1 + m2), or (m1 - m2) - m3, whose sign the filter has.
 */
function alongRows(
  graph: Graph,
  product: Product,
  lower: boolean,
  b: number,
  { sum, relu = false }: Extras = {},
  bias?: Value,
): Value {
  const middle = graph.node(lower ? "Sub" : "Add", [product(1, b), product(2, b)]);
  const all = sum === undefined ? middle : graph.node("Add", [middle, sum]);
  return product(lower ? 3 : 0, b, { sum: all, relu }, bias);
}

/** The outputs of the same place in every tile. */
function outputs(
  graph: Graph,
  product: Product,
  [lower, right]: readonly [boolean, boolean],
  bias: Value | undefined,
  relu: boolean,
): Value {
  const columns = [1, 2].map((b) => alongRows(graph, product, lower, b));
  const sum = graph.node(right ? "Sub" : "Add", columns);
  return alongRows(graph, product, lower, right ? 3 : 0, { sum, relu }, bias);
}

const pointwise = { kernel_shape: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1] };

/**
 * The convolution of `x`, in blocks, with `filter` `[3, 3, from, to]`; with `turned` that of `to`
 * with the filter turned by half a turn, its inputs and outputs exchanged.
 */
export function winogradConvolution(
  graph: Graph,
  x: Value,
  { filter, turned }: { readonly filter: Operand; readonly turned: boolean },
  window: Window3x3,
): Deferred {
  const product = (): Product => {
    const filters = transformedFilters(graph, filter, turned);
    const inputs = four.map((a) => four.map((b) => transformedInput(graph, x, window, a, b)));
    return (a, b, extras = {}, bias = undefined) => {
      const given = { x: inputs[a]![b]!, filter: filters[4 * a + b]!, bias };
      return blockedConvolution(graph, given, pointwise, extras);
    };
  };
  const emit = ({ sum, relu = false }: Extras, bias?: Value): Value => {
    const each = product();
    const early = relu && sum === undefined;
    const tiles = [false, true].map((lower) =>
      [false, true].map((right) => outputs(graph, each, [lower, right], bias, early)),
    );
    const { batch, to: channels, height, width } = window;
    const y = interleaved(graph, tiles, { batch, channels, height: height / 2, width: width / 2 });
    if (sum === undefined) return y;
    const whole = graph.node("Add", [y, sum]);
    return relu ? graph.node("Relu", [whole]) : whole;
  };
  const deferred = (bias?: Value): Deferred => ({
    layout: "blocks",
    emit: (extras) => emit(extras, bias),
    ...(bias === undefined ? { biased: deferred } : {}),
  });
  return deferred();
}
