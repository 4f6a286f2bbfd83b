import type { Graph } from "./graph.js";
import type { ElementType, Value } from "./model.js";
import type { Layout, Operand, Placed } from "./operand.js";
import { inPlanes, isSignal } from "./operand.js";

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, axis) => size * axis, 1);

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis]);

/** The operand whose repetition this is, where only its broadcast is asked for. */
function unspread(operand: Operand): Operand {
  return operand.spread === undefined ? operand : unspread(operand.spread);
}

/**
 * The layout in which an elementwise operation costs least: that of its largest operand, blocks
 * only where every operand has the whole shape or is a number, since blocks are of floats.
 */
function bestLayout(
  operands: readonly Operand[],
  shape: readonly number[],
  result: ElementType,
): Layout {
  if (!isSignal(shape)) return "rows";
  const whole = operands.filter((one) => sameShape(one.shape, shape) && one.uniform === undefined);
  const layouts = new Set((whole.length > 0 ? whole : operands).map(({ layout }) => layout));
  const fits = ({ shape: own, type, uniform, spread }: Operand): boolean =>
    type === "float32" &&
    (sizeOf(own) === 1 || uniform !== undefined || (spread === undefined && sameShape(own, shape)));
  const inBlocks = result === "float32" && operands.every(fits);
  if (layouts.has("blocks")) return inBlocks ? "blocks" : "planes";
  return layouts.has("planes") ? "planes" : "rows";
}

/** An operand of a smaller rank, or with axes of size 1, as planes it is broadcast over. */
function broadcastPlanes(graph: Graph, operand: Operand): Value {
  if (isSignal(operand.shape)) return operand.in("planes");
  const missing = 4 - operand.shape.length;
  const shape = [...Array.from({ length: missing }, () => 1), ...operand.shape];
  const rows = graph.node("Reshape", [operand.in("rows"), graph.integers(shape)]);
  const moving = [1, 2, 3].filter((axis) => shape[axis] !== 1);
  if (moving.length <= 1 || !moving.includes(3)) {
    return graph.node("Reshape", [rows, graph.integers(inPlanes(shape))]);
  }
  return graph.node("Transpose", [rows], { perm: [0, 3, 1, 2] });
}

/** A single element is a number, unless it is all there is: then it keeps its axes. */
function alignedValue(
  graph: Graph,
  operand: Operand,
  layout: Layout,
  shape: readonly number[],
): Value {
  if (sizeOf(operand.shape) === 1 && !sameShape(operand.shape, shape)) {
    return graph.node("Reshape", [operand.in("rows"), graph.integers([])]);
  }
  return layout === "planes" ? broadcastPlanes(graph, operand) : operand.in(layout);
}

/** Values that broadcast against each other in one layout. */
export interface Aligned {
  readonly layout: Layout;
  readonly values: readonly Value[];
}

/**
 * Brings the operands of an elementwise operation of the given output shape and type to one layout.
 * Repetitions are left to the operation where another operand has the whole shape.
 */
export function align(
  graph: Graph,
  operands: readonly Operand[],
  shape: readonly number[],
  result: ElementType,
): Aligned {
  const isWhole = (one: Operand): boolean =>
    one.uniform === undefined && one.spread === undefined && sameShape(one.shape, shape);
  const someWhole = operands.some(isWhole);
  const light = someWhole ? operands.map(unspread) : operands;
  const layout = bestLayout(light, shape, result);
  const values = light.map((operand) => {
    const { uniform, type } = operand;
    if (uniform !== undefined && someWhole) return graph.scalar(uniform, type);
    return alignedValue(graph, operand, layout, shape);
  });
  return { layout, values };
}

/** An elementwise operation: its operands in one layout, its result in the same. */
export function elementwise(
  graph: Graph,
  operands: readonly Operand[],
  shape: readonly number[],
  result: ElementType,
  append: (values: readonly Value[]) => Value,
): Placed {
  const { layout, values } = align(graph, operands, shape, result);
  return { value: append(values), layout };
}
