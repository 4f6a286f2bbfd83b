import * as tf from "../../../tf.js";
import type { Graph } from "../graph.js";
import type { Value } from "../model.js";
import type { Kernel } from "../plan.js";
import { kernel } from "../plan.js";
import { planElementwise } from "./binary.js";
import { isHeld, isNumeric } from "./checks.js";

/** Element types as ONNX numbers them. */
const number = { float32: 1, int32: 6, double: 11 } as const;

/** JavaScript divides in 64 bits, where quotients of floats and of whole numbers seldom round. */
const wide = (graph: Graph, value: Value): Value =>
  graph.node("Cast", [value], { to: number.double });

const wideScalar = (graph: Graph, value: number): Value => wide(graph, graph.scalar(value));

/** A whole quotient; TensorFlow.js's kernel gives 32-bit whole numbers, and 0 where `b` is 0. */
function wholeQuotient(graph: Graph, [a, b]: readonly Value[]): Value {
  const [dividend, divisor] = [wide(graph, a!), wide(graph, b!)];
  const quotient = graph.node("Floor", [graph.node("Div", [dividend, divisor])]);
  const none = graph.node("Equal", [divisor, wideScalar(graph, 0)]);
  const known = graph.node("Where", [none, wideScalar(graph, 0), quotient]);
  return graph.node("Cast", [known], { to: number.int32 });
}

/** The remainder with the sign of the divisor; NaN, or 0 of whole numbers, where that is 0. */
function remainder(graph: Graph, [a, b]: readonly Value[], type: "float32" | "int32"): Value {
  const [dividend, divisor] = [wide(graph, a!), wide(graph, b!)];
  const zero = wideScalar(graph, 0);
  const rest = graph.node("Mod", [dividend, divisor], { fmod: 1 });
  const turned = graph.node("Mod", [graph.node("Add", [rest, divisor]), divisor], { fmod: 1 });
  const [below, belowDivisor] = [dividend, divisor].map((x) => graph.node("Less", [x, zero]));
  const differ = graph.node("Xor", [below!, belowDivisor!]);
  const value = graph.node("Where", [differ, turned, rest]);
  if (type === "float32") return graph.node("Cast", [value], { to: number.float32 });
  const known = graph.node("Where", [graph.node("Equal", [divisor, zero]), zero, value]);
  return graph.node("Cast", [known], { to: number.int32 });
}

const quotientKernel = kernel(tf.FloorDiv, ({ a, b }) => {
  if (!isNumeric(a) || a!.dtype !== b?.dtype) return undefined;
  return planElementwise([a!, b], "int32", wholeQuotient);
});

const remainderKernel = kernel(tf.Mod, ({ a, b }) => {
  if (!isHeld(a) || a.dtype === "bool" || a.dtype !== b?.dtype) return undefined;
  const type = a.dtype;
  return planElementwise([a, b], type, (graph, values) => remainder(graph, values, type));
});

/** Division that leaves whole numbers, and what it leaves over. */
export const divisionKernels: readonly Kernel[] = [quotientKernel, remainderKernel];
