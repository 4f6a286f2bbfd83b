import * as tf from "../../../tf.js";
import type { Graph } from "../graph.js";
import type { Value } from "../model.js";
import type { Kernel } from "../plan.js";
import { kernel } from "../plan.js";
import { isHeld } from "./checks.js";
import type { Append } from "./unary.js";
import { planUnary } from "./unary.js";

/** A question about each number; of whole numbers and truth values the answer is known. */
function predicate(name: string, ofWhole: boolean, append: Append): Kernel {
  return kernel(name, ({ x }) => {
    if (!isHeld(x)) return undefined;
    if (x.dtype !== "float32") return { uniform: Number(ofWhole), shape: x.shape, type: "bool" };
    return planUnary(x, "", append, "bool");
  });
}

/** Comparisons are false for NaN. */
const finite = (graph: Graph, x: Value): Value =>
  graph.node("Less", [graph.node("Abs", [x]), graph.scalar(Number.POSITIVE_INFINITY)]);

/** What kind of number it is. */
export const predicateKernels: readonly Kernel[] = [
  predicate(tf.IsNan, false, (graph, x) => graph.node("IsNaN", [x])),
  predicate(tf.IsInf, false, (graph, x) => graph.node("IsInf", [x])),
  predicate(tf.IsFinite, true, finite),
];
