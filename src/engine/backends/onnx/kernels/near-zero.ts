import * as tf from "../../../tf.js";
import type { Graph } from "../graph.js";
import type { Value } from "../model.js";
import type { Kernel } from "../plan.js";
import { plain } from "./unary.js";

const { SELU_SCALE, SELU_SCALEALPHA } = tf.backend_util;

/** Below this size exp(x) - 1 is x to the last bit of a float. */
const linear = 1e-7;

/** exp(x) - 1 as tanh(x / 2) (exp(x) + 1), whose factors lose no digits near 0. */
function growth(graph: Graph, x: Value): Value {
  const half = graph.node("Tanh", [graph.node("Mul", [x, graph.scalar(0.5)])]);
  const rest = graph.node("Add", [graph.node("Exp", [x]), graph.scalar(1)]);
  return graph.node("Mul", [half, rest]);
}

/** ONNX Runtime's tanh is right down to the smallest normal numbers alone, hence the choice. */
function exponentialMinusOne(graph: Graph, x: Value): Value {
  const small = graph.node("Less", [graph.node("Abs", [x]), graph.scalar(linear)]);
  return graph.node("Where", [small, x, growth(graph, x)]);
}

/**
 * `above x` where x > 0, else `below (exp(x) - 1)`. ONNX's own units subtract 1 from exp(x), and so
 * take small negative signals for 0.
 */
function exponentialUnit(graph: Graph, x: Value, above: number, below: number): Value {
  const times = (value: Value, factor: number): Value =>
    factor === 1 ? value : graph.node("Mul", [value, graph.scalar(factor)]);
  const negative = growth(graph, graph.node("Min", [x, graph.scalar(0)]));
  const positive = graph.node("Relu", [x]);
  return graph.node("Add", [times(positive, above), times(negative, below)]);
}

/**
 * log(1 + x): what 1 + x = 1 + d rounds away is made up for by x / d, as log(1 + x) / x hardly
 * changes. Source: Goldberg 1991, What every computer scientist should know about floating-point
 * arithmetic, theorem 4.
 */
function logarithmOfOnePlus(graph: Graph, x: Value): Value {
  const one = graph.scalar(1);
  const sum = graph.node("Add", [x, one]);
  const logarithm = graph.node("Log", [sum]);
  const difference = graph.node("Sub", [sum, one]);
  const corrected = graph.node("Div", [graph.node("Mul", [x, logarithm]), difference]);
  const lost = graph.node("Equal", [difference, graph.scalar(0)]);
  const near = graph.node("Where", [lost, x, corrected]);
  return graph.node("Where", [graph.node("Greater", [x, one]), logarithm, near]);
}

/** Functions that are near `x` at 0, which ONNX lacks: right to some 1e-7 of their value. */
export const nearZeroKernels: readonly Kernel[] = [
  plain(tf.Expm1, exponentialMinusOne),
  plain(tf.Log1p, logarithmOfOnePlus),
  plain(tf.Elu, (graph, x) => exponentialUnit(graph, x, 1, 1)),
  plain(tf.Selu, (graph, x) => exponentialUnit(graph, x, SELU_SCALE, SELU_SCALEALPHA)),
];
