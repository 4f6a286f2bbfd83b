import * as tf from "../../../tf.js";
import type { Graph } from "../graph.js";
import type { Value } from "../model.js";
import type { Operand } from "../operand.js";
import type { Kernel } from "../plan.js";
import { kernel } from "../plan.js";
import { placeOf } from "./axes.js";
import type { Held } from "./checks.js";
import { isHeld, isNumeric } from "./checks.js";

/** Places come as whole numbers of 64 bits. */
const narrow = (graph: Graph, places: Value): Value => graph.node("Cast", [places], { to: 6 });

/** Without its channels a signal of planes lies in rows. */
function appendPlace(graph: Graph, operand: Operand, operation: string, axis: number): Value {
  const inPlanes = operand.layout !== "rows" && axis === 3;
  const layout = inPlanes ? "planes" : "rows";
  const attributes = { axis: placeOf(axis, layout), keepdims: 0 };
  return narrow(graph, graph.node(operation, [operand.in(layout)], attributes));
}

/** The first place of an extreme along an axis. */
function place(name: string, operation: string): Kernel {
  return kernel<{ axis: number | number[] }>(name, ({ x }, { axis }) => {
    if (!isHeld(x) || !isNumeric(x) || x.shape.length === 0) return undefined;
    const along = tf.util.parseAxisParam(axis, x.shape)[0]!;
    return {
      key: `${along}`,
      inputs: [x],
      shape: x.shape.filter((_, i) => i !== along),
      type: "int32",
      append: (graph, [operand]) => ({
        value: appendPlace(graph, operand!, operation, along),
        layout: "rows",
      }),
    };
  });
}

/** The largest entries along the last axis, and their places. */
function appendLargest(graph: Graph, x: Operand, count: number): readonly Value[] {
  return graph.nodeWithOutputs(2, "TopK", [x.in("rows"), graph.integers([count])]);
}

const largest = kernel<{ k: number }>(tf.TopK, ({ x }, { k }) => {
  if (!isHeld(x) || !isNumeric(x) || k === 0) return undefined;
  const shape = [...x.shape.slice(0, -1), k];
  const plan = (
    output: number,
    type: Held["dtype"],
    finish: (graph: Graph, value: Value) => Value,
  ) => ({
    key: `${k};${output}`,
    inputs: [x],
    shape,
    type,
    append: (graph: Graph, [operand]: readonly Operand[]) => {
      const value = appendLargest(graph, operand!, k)[output]!;
      return { value: finish(graph, value), layout: "rows" as const };
    },
  });
  return [plan(0, x.dtype, (_, value) => value), plan(1, "int32", narrow)];
});

/** Where extremes lie. */
export const extremeKernels: readonly Kernel[] = [
  place(tf.ArgMax, "ArgMax"),
  place(tf.ArgMin, "ArgMin"),
  largest,
];
