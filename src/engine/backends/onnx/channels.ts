import { blockedConvolution } from "./block.js";
import type { Graph } from "./graph.js";
import type { Value } from "./model.js";
import type { Affine, Deferred, Operand, Placed } from "./operand.js";

/** Elementwise operations that can be part of scale * x + shift a channel. */
export type ChannelOperation = "Add" | "Sub" | "Mul";

const pointwise = { kernel_shape: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1] };

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis]);

/** A number a channel, `[c]`, or a number for all of them; undefined for anything else. */
function channelVector(graph: Graph, operand: Operand, channels: number): Value | undefined {
  const { shape, type, spread, uniform } = operand;
  if (spread !== undefined) return channelVector(graph, spread, channels);
  const before = shape.slice(0, -1).every((size) => size === 1);
  const last = shape.at(-1) ?? 1;
  if (type !== "float32" || !before || (last !== channels && last !== 1)) return undefined;
  if (uniform !== undefined) {
    return graph.constant(new Float32Array(channels).fill(uniform), [channels], "float32");
  }
  const rows = operand.in("rows");
  const vector = shape.length === 1 ? rows : graph.node("Reshape", [rows, graph.integers([last])]);
  return last === channels ? vector : graph.node("Expand", [vector, graph.integers([channels])]);
}

/** What a signal in blocks is a channelwise function of: of itself if of nothing else. */
function affineOf(operand: Operand): Affine {
  return operand.deferred()?.affine ?? { base: operand.in("blocks") };
}

/** One number for each channel. */
const repeated = (graph: Graph, number: number, channels: number): Value =>
  graph.table(`${number} on ${channels}`, [channels], () =>
    new Float32Array(channels).fill(number),
  );

const both = (
  graph: Graph,
  operation: "Add" | "Mul",
  a: Value | undefined,
  b: Value | undefined,
): Value | undefined =>
  a === undefined || b === undefined ? (a ?? b) : graph.node(operation, [a, b]);

function scaled(graph: Graph, { base, scale, shift }: Affine, factor: Value): Affine {
  const moved = shift === undefined ? {} : { shift: graph.node("Mul", [shift, factor]) };
  return { base, scale: both(graph, "Mul", scale, factor)!, ...moved };
}

function shifted(graph: Graph, { base, scale, shift }: Affine, by: Value): Affine {
  const kept = scale === undefined ? {} : { scale };
  return { base, ...kept, shift: both(graph, "Add", shift, by)! };
}

/** The node of scale * x + shift: a convolution of one pixel with a filter a channel. */
function deferAffine(graph: Graph, affine: Affine, channels: number): Deferred {
  const ones = (): Value => repeated(graph, 1, channels);
  return {
    layout: "blocks",
    affine,
    emit: (extras) => {
      const { base: x, scale = ones(), shift: bias } = affine;
      const filter = graph.node("Reshape", [scale, graph.integers([channels, 1, 1, 1])]);
      return blockedConvolution(
        graph,
        { x, filter, bias },
        { ...pointwise, group: channels },
        extras,
      );
    },
  };
}

/** A signal with a vector or a number a channel. */
function withVector(
  graph: Graph,
  operation: ChannelOperation,
  signal: Operand,
  vector: Value,
  signalFirst: boolean,
): Deferred {
  const channels = signal.shape[3]!;
  const waiting = signal.uses === 1 ? signal.deferred() : undefined;
  if (operation === "Add" && waiting?.biased !== undefined) return waiting.biased(vector);
  const affine = affineOf(signal);
  if (operation === "Mul") return deferAffine(graph, scaled(graph, affine, vector), channels);
  if (operation === "Add") return deferAffine(graph, shifted(graph, affine, vector), channels);
  if (signalFirst) {
    return deferAffine(graph, shifted(graph, affine, graph.node("Neg", [vector])), channels);
  }
  const minus = repeated(graph, -1, channels);
  return deferAffine(graph, shifted(graph, scaled(graph, affine, minus), vector), channels);
}

/** A sum or difference of two signals of which one waits to be made by a node that can add. */
function joined(
  graph: Graph,
  operation: "Add" | "Sub",
  first: Operand,
  second: Operand,
): Deferred | undefined {
  const channels = first.shape[3]!;
  const waiting = second.uses === 1 ? second.deferred() : undefined;
  if (waiting !== undefined && operation === "Add") {
    return adding(waiting, first.in("blocks"));
  }
  if (waiting?.affine !== undefined) {
    const minus = repeated(graph, -1, channels);
    const negative = deferAffine(graph, scaled(graph, waiting.affine, minus), channels);
    return adding(negative, first.in("blocks"));
  }
  if (operation === "Add" && first.uses === 1 && first.deferred() !== undefined) {
    return adding(first.deferred()!, second.in("blocks"));
  }
  return undefined;
}

function adding({ emit }: Deferred, sum: Value): Deferred {
  return { layout: "blocks", emit: (extras) => emit({ ...extras, sum }) };
}

/**
 * An elementwise operation on signals in blocks without leaving blocks: with a number a channel it
 * becomes part of one convolution of single pixels, and sums are added by the node that makes one
 * of their terms. Undefined where that does not apply.
 */
export function channelwise(
  graph: Graph,
  operation: ChannelOperation,
  [a, b]: readonly Operand[],
  shape: readonly number[],
): Placed | Deferred | undefined {
  if (a === undefined || b === undefined || shape.length !== 4) return undefined;
  const blocked = (one: Operand): boolean => one.layout === "blocks" && sameShape(one.shape, shape);
  const channels = shape[3]!;
  const whole = (one: Operand): boolean =>
    sameShape(one.shape, shape) && one.spread === undefined && one.uniform === undefined;
  if (whole(a) && whole(b) && (blocked(a) || blocked(b))) {
    return operation === "Mul" || a === b ? undefined : joined(graph, operation, a, b);
  }
  const [signal, other] = blocked(a) ? [a, b] : [b, a];
  if (!blocked(signal)) return undefined;
  const vector = channelVector(graph, other, channels);
  return vector === undefined
    ? undefined
    : withVector(graph, operation, signal, vector, signal === a);
}
