import { reluGrad } from "../../../gradients/activations.js";
import * as tf from "../../../tf.js";
import { elementwise } from "../align.js";
import type { ChannelOperation } from "../channels.js";
import { channelwise } from "../channels.js";
import type { Graph } from "../graph.js";
import type { ElementType, Value } from "../model.js";
import type { Kernel, Plan, Planner } from "../plan.js";
import { kernel } from "../plan.js";
import { allFloat, isHeld, isNumeric } from "./checks.js";
import { positive } from "./unary.js";

/** Appends a function of several values of one type. */
export type Append = (graph: Graph, inputs: readonly Value[]) => Value;

/** A function of tensors that broadcast. */
export function planElementwise(
  inputs: readonly tf.TensorInfo[],
  type: ElementType,
  append: Append,
  inChannels?: ChannelOperation,
): Plan {
  const shape = inputs
    .map((one) => one.shape)
    .reduce((a, b) => tf.backend_util.assertAndGetBroadcastShape(a, b));
  return {
    key: "",
    inputs,
    shape,
    type,
    append: (graph, operands) =>
      (inChannels && channelwise(graph, inChannels, operands, shape)) ??
      elementwise(graph, operands, shape, type, (values) => append(graph, values)),
  };
}

/** A function of two floats. */
export function binary(name: string, append: Append): Kernel {
  return kernel(name, ({ a, b }) =>
    allFloat(a, b) ? planElementwise([a!, b!], "float32", append) : undefined,
  );
}

/** A function of two numbers of one type. */
function numeric(name: string, append: Append): Kernel {
  return kernel(name, ({ a, b }) =>
    isHeld(a) && isNumeric(a) && a.dtype === b?.dtype
      ? planElementwise([a, b], a.dtype, append)
      : undefined,
  );
}

const channelOperations: readonly ChannelOperation[] = ["Add", "Sub", "Mul"];

/**
 * A function of two numbers of one type; `neutral` is the number that leaves the other operand as
 * it is on the right side, and on the left too where the function commutes.
 */
function arithmetic(name: string, operation: string, neutral?: number, commutes = true): Kernel {
  return kernel(name, ({ a, b }, _, uniformOf) => {
    if (!isNumeric(a) || a!.dtype !== b?.dtype) return undefined;
    const append: Append = (graph, inputs) => graph.node(operation, inputs);
    const type = a!.dtype as ElementType;
    const inChannels = channelOperations.find((one) => one === operation);
    const planned = planElementwise([a!, b!], type, append, inChannels);
    const leaves = (kept: tf.TensorInfo, other: tf.TensorInfo): boolean =>
      neutral !== undefined &&
      uniformOf(other) === neutral &&
      tf.util.arraysEqual(kept.shape, [...planned.shape]);
    if (leaves(a!, b!)) return { same: a! };
    return commutes && leaves(b!, a!) ? { same: b! } : planned;
  });
}

const compared = (name: string, operation: string): Kernel =>
  kernel(name, ({ a, b }) => {
    if (!isNumeric(a) || a!.dtype !== b?.dtype) return undefined;
    return planElementwise([a!, b], "bool", (graph, inputs) => graph.node(operation, inputs));
  });

/** Whether two numbers or truth values are the same, or are not. */
const equality = (name: string, append: Append): Kernel =>
  kernel(name, ({ a, b }) =>
    isHeld(a) && a.dtype === b?.dtype ? planElementwise([a, b], "bool", append) : undefined,
  );

function logical(name: string, operation: string): Kernel {
  return kernel(name, ({ a, b }) =>
    a?.dtype === "bool" && b?.dtype === "bool"
      ? planElementwise([a, b], "bool", (graph, inputs) => graph.node(operation, inputs))
      : undefined,
  );
}

/** ONNX Runtime adds many floats at a time, but not whole numbers, and not on its GPU provider. */
function addAll(graph: Graph, values: readonly Value[], atOnce: boolean): Value {
  if (atOnce) return graph.node("Sum", values);
  return values.reduce((sum, value) => graph.node("Add", [sum, value]));
}

const addN = kernel(tf.AddN, (inputs) => {
  const tensors = Object.values(inputs).filter((one) => one !== undefined);
  const [first] = tensors;
  if (!isHeld(first) || !isNumeric(first)) return undefined;
  if (tensors.some(({ dtype }) => dtype !== first.dtype)) return undefined;
  return planElementwise(tensors, first.dtype, (graph, values) =>
    addAll(graph, values, first.dtype === "float32" && !graph.onGpu),
  );
});

/** One of two values by a third; ONNX has no such choice between truth values. */
const choose: Append = (graph, [condition, then, otherwise]) =>
  graph.node("Or", [
    graph.node("And", [condition!, then!]),
    graph.node("And", [graph.node("Not", [condition!]), otherwise!]),
  ]);

const planSelect: Planner<tf.NamedAttrMap> = ({ condition, t, e }) => {
  if (condition?.dtype !== "bool" || !isHeld(t) || t.dtype !== e?.dtype) return undefined;
  if (!tf.util.arraysEqual(condition.shape, t.shape)) return undefined;
  return planElementwise([condition, t, e], t.dtype, (graph, values) =>
    t.dtype === "bool" ? choose(graph, values) : graph.node("Where", values),
  );
};

const planReluCotangent: Planner<tf.NamedAttrMap> = ({ dy, y }) =>
  allFloat(dy, y)
    ? planElementwise([dy!, y!], "float32", (graph, [cotangent, value]) =>
        graph.node("Mul", [cotangent!, positive(graph, value!)]),
      )
    : undefined;

/** Elementwise functions of two or more inputs. */
export const binaryKernels: readonly Kernel[] = [
  arithmetic(tf.Add, "Add", 0),
  arithmetic(tf.Sub, "Sub", 0, false),
  arithmetic(tf.Multiply, "Mul", 1),
  binary(tf.RealDiv, (graph, inputs) => graph.node("Div", inputs)),
  arithmetic(tf.Maximum, "Max"),
  arithmetic(tf.Minimum, "Min"),
  numeric(tf.Pow, (graph, inputs) => graph.node("Pow", inputs)),
  numeric(tf.SquaredDifference, (graph, inputs) => {
    const difference = graph.node("Sub", inputs);
    return graph.node("Mul", [difference, difference]);
  }),
  compared(tf.Greater, "Greater"),
  compared(tf.GreaterEqual, "GreaterOrEqual"),
  compared(tf.Less, "Less"),
  compared(tf.LessEqual, "LessOrEqual"),
  equality(tf.Equal, (graph, inputs) => graph.node("Equal", inputs)),
  equality(tf.NotEqual, (graph, inputs) => graph.node("Not", [graph.node("Equal", inputs)])),
  logical(tf.LogicalAnd, "And"),
  logical(tf.LogicalOr, "Or"),
  addN,
  kernel(tf.Select, planSelect),
  kernel(reluGrad, planReluCotangent),
];
