import type { Graph } from "../graph.js";
import type { Value } from "../model.js";
import type { Layout, Operand } from "../operand.js";
import { inPlanes, planeAxes } from "../operand.js";
import type { Plan } from "../plan.js";
import type { Held } from "./checks.js";

/** The layout in which axes can be worked on one by one: the operand's own, out of blocks. */
export function axisLayout({ layout }: Operand): Layout {
  return layout === "rows" ? "rows" : "planes";
}

/** Something for each axis, in the order in which the axes lie. */
export function lying<Item>(items: readonly Item[], layout: Layout): readonly Item[] {
  return layout === "rows" ? items : inPlanes(items);
}

/** Where an axis lies. */
export function placeOf(axis: number, layout: Layout): number {
  return layout === "rows" ? axis : planeAxes.indexOf(axis as 0);
}

/** An operation on one tensor that works axis by axis, in rows or planes; it keeps the type. */
export function alongAxes(
  x: Held,
  key: string,
  shape: readonly number[],
  append: (graph: Graph, value: Value, layout: Layout) => Value,
): Plan {
  return {
    key,
    inputs: [x],
    shape,
    type: x.dtype,
    append: (graph, [operand]) => {
      const layout = axisLayout(operand!);
      return { value: append(graph, operand!.in(layout), layout), layout };
    },
  };
}
