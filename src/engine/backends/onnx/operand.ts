import type { Graph } from "./graph.js";
import type { ElementType, Value } from "./model.js";
import { blockedDomain } from "./model.js";

/**
 * The order in which the elements of a value lie within a graph. `rows` is the order that callers
 * see; signals `[n, h, w, c]` may lie as `planes` `[n, c, h, w]`, or as planes whose channels come
 * in `blocks` side by side, ONNX Runtime's own order for convolutions.
 */
export type Layout = "rows" | "planes" | "blocks";

/** A value of a graph and the order of its elements. */
export interface Placed {
  readonly value: Value;
  readonly layout: Layout;
}

/** What a node of blocks can do on the way: add a signal in blocks, then apply a ReLU. */
export interface Extras {
  readonly sum?: Value;
  readonly relu?: boolean;
}

/** A signal in blocks whose node is not appended yet, so that what follows can join it. */
export interface Deferred {
  readonly layout: "blocks";
  /** Appends the node. */
  emit(extras: Extras): Value;
  /** The same with a number a channel, `[c]`, added, where the node has none yet. */
  biased?(bias: Value): Deferred;
  /** The signal as another one times a factor plus a number a channel, where it is that. */
  readonly affine?: Affine;
}

/** scale * x + shift a channel: `base` in blocks, `[c]` each of the others; absent: 1 and 0. */
export interface Affine {
  readonly base: Value;
  readonly scale?: Value;
  readonly shift?: Value;
}

/** A recorded tensor as the nodes that use it see it. */
export interface Operand {
  /** Shape as callers see it, whatever the layout. */
  readonly shape: readonly number[];
  readonly type: ElementType;
  /** The one value of all elements, where that is known. */
  readonly uniform?: number;
  /** Whether it follows from frozen tensors and numbers alone. */
  readonly constant: boolean;
  /** The layout in which it was made. */
  readonly layout: Layout;
  /** Operations and outputs that use it. */
  readonly uses: number;
  /** Its node as long as it is not appended. */
  deferred(): Deferred | undefined;
  /** A smaller operand of which this is the broadcast. */
  readonly spread?: Operand;
  /** The value in another layout, moved at most once. Signals only have other layouts than rows. */
  in(layout: Layout): Value;
}

/** Axes of `[n, h, w, c]` in the order of planes. */
export const planeAxes = [0, 3, 1, 2] as const;

/** A shape `[n, h, w, c]`, or axis properties, in the order of planes. */
export function inPlanes<Item>(axes: readonly Item[]): readonly Item[] {
  return planeAxes.map((axis) => axes[axis]!);
}

/** The shape of the elements as they lie. */
export function lyingShape(shape: readonly number[], layout: Layout): readonly number[] {
  return layout === "rows" ? shape : inPlanes(shape);
}

/** Whether rows and planes are the same order: one pixel, or one channel. */
function sameOrder([, height, width, channels]: readonly number[]): boolean {
  return height! * width! === 1 || channels === 1;
}

function between(graph: Graph, value: Value, shape: readonly number[], to: Layout): Value {
  if (sameOrder(shape))
    return graph.node("Reshape", [value, graph.integers(lyingShape(shape, to))]);
  const perm = to === "planes" ? [...planeAxes] : [0, 2, 3, 1];
  return graph.node("Transpose", [value], { perm });
}

/** Moves the elements of a signal `[n, h, w, c]` from one layout to another. */
export function moved(graph: Graph, from: Placed, shape: readonly number[], to: Layout): Value {
  const { value, layout } = from;
  if (layout === to) return value;
  const last = (one: Layout): number => (one === "rows" ? 1 : 0);
  if (to === "blocks") {
    return graph.node("ReorderInput", [value], { channels_last: last(layout) }, blockedDomain);
  }
  if (layout === "blocks") {
    const attributes = { channels: shape[3]!, channels_last: last(to) };
    return graph.node("ReorderOutput", [value], attributes, blockedDomain);
  }
  return between(graph, value, shape, to);
}

/** What an operand is made of. */
export interface OperandParts {
  readonly shape: readonly number[];
  readonly type: ElementType;
  readonly placed: Placed | Deferred;
  readonly constant?: boolean;
  readonly uses?: number;
  readonly spread?: Operand | undefined;
}

/** An operand that lies in a graph, or will when it is first asked for. */
export function operandOf(graph: Graph, parts: OperandParts): Operand {
  const { shape, type, placed, spread, constant = false, uses = 1 } = parts;
  const places = new Map<Layout, Value>();
  if ("value" in placed) places.set(placed.layout, placed.value);
  const made = (): Placed => {
    const value = places.get(placed.layout) ?? (placed as Deferred).emit({});
    places.set(placed.layout, value);
    return { value, layout: placed.layout };
  };
  return {
    shape,
    type,
    constant,
    uses,
    layout: placed.layout,
    ...(spread === undefined ? {} : { spread }),
    deferred: () => ("value" in placed || places.size > 0 ? undefined : placed),
    in(layout) {
      const value = places.get(layout) ?? moved(graph, made(), shape, layout);
      places.set(layout, value);
      return value;
    },
  };
}

const elementArrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** An operand all of whose elements are `uniform`; it takes no memory until it is asked for. */
export function uniformOperand(
  graph: Graph,
  shape: readonly number[],
  type: ElementType,
  uniform: number,
): Operand {
  const scalar = (): Value => graph.constant(elementArrays[type].of(uniform), [], type);
  return {
    shape,
    type,
    uniform,
    constant: true,
    uses: 1,
    deferred: () => undefined,
    layout: "rows",
    in: (layout) =>
      shape.length === 0
        ? scalar()
        : graph.node("Expand", [scalar(), graph.integers(lyingShape(shape, layout))]),
  };
}

/** Whether a shape is one of signals `[n, h, w, c]`, which have other layouts than rows. */
export function isSignal(shape: readonly number[]): boolean {
  return shape.length === 4;
}
