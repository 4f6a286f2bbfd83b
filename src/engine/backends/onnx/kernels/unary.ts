import * as tf from "../../../tf.js";
import type { Graph } from "../graph.js";
import type { Attributes, Value } from "../model.js";
import type { Kernel, Plan } from "../plan.js";
import { kernel } from "../plan.js";
import type { Held } from "./checks.js";
import { allFloat, isHeld, isNumeric } from "./checks.js";

/** Appends a function of `x`. */
export type Append = (graph: Graph, x: Value) => Value;

/** A function of each element of `x`, of its type or the one named; it keeps the layout. */
export function planUnary(x: Held, key: string, append: Append, type = x.dtype): Plan {
  return {
    key,
    inputs: [x],
    shape: x.shape,
    type,
    append: (graph, [operand]) => {
      // Blocks hold 32-bit floats alone.
      const keeps = operand!.layout !== "blocks" || type === "float32";
      const layout = keeps ? operand!.layout : "planes";
      return { value: append(graph, operand!.in(layout)), layout };
    },
  };
}

/** A function of each float. */
function unary<Given extends tf.NamedAttrMap>(
  name: string,
  appendOf: (given: Given) => { readonly key: string; readonly append: Append },
): Kernel {
  return kernel<Given>(name, ({ x }, given) => {
    if (!isHeld(x) || x.dtype !== "float32") return undefined;
    const { key, append } = appendOf(given);
    return planUnary(x, key, append);
  });
}

/** A function of floats without attributes of its own. */
export const plain = (name: string, append: Append): Kernel =>
  unary(name, () => ({ key: "", append }));

/** A function of floats that is one operation of ONNX without attributes. */
export const direct = (name: string, operation: string): Kernel =>
  plain(name, (graph, x) => graph.node(operation, [x]));

/** A function of floats and whole numbers. */
const numeric = (name: string, append: Append): Kernel =>
  kernel(name, ({ x }) => (isHeld(x) && isNumeric(x) ? planUnary(x, "", append) : undefined));

const numericOperation = (name: string, operation: string): Kernel =>
  numeric(name, (graph, x) => graph.node(operation, [x]));

/** Rounding, which leaves whole numbers as they are. */
const rounding = (name: string, operation: string): Kernel =>
  kernel(name, ({ x }) => {
    if (!isHeld(x) || !isNumeric(x)) return undefined;
    if (x.dtype === "int32") return { same: x };
    return planUnary(x, "", (graph, value) => graph.node(operation, [value]));
  });

/** A function whose attributes go into the operation. */
function withAttributes<Given extends tf.NamedAttrMap>(
  name: string,
  operation: string,
  attributesOf: (given: Given) => Attributes,
): Kernel {
  return unary<Given>(name, (given) => {
    const attributes = attributesOf(given);
    return {
      key: JSON.stringify(attributes),
      append: (graph, x) => graph.node(operation, [x], attributes),
    };
  });
}

const clip = kernel<{ clipValueMin: number; clipValueMax: number }>(
  tf.ClipByValue,
  ({ x }, { clipValueMin, clipValueMax }) => {
    if (!isHeld(x) || !isNumeric(x)) return undefined;
    return planUnary(x, `${clipValueMin},${clipValueMax}`, (graph, value) => {
      const bounds = [clipValueMin, clipValueMax].map((bound) => graph.scalar(bound, x.dtype));
      return graph.node("Clip", [value, ...bounds]);
    });
  },
);

/** 1 where `x > 0`, else `alpha`; NaN stays. */
const step = unary<{ alpha?: number }>(tf.Step, ({ alpha = 0 }) => ({
  key: `${alpha}`,
  append: (graph, x) => {
    const above = positive(graph, x);
    if (alpha === 0) return above;
    const below = graph.node("Mul", [
      graph.node("Sub", [graph.scalar(1), above]),
      graph.scalar(alpha),
    ]);
    return graph.node("Add", [above, below]);
  },
}));

/** 1 where `x > 0`, else 0; steep enough that every normal float saturates. */
export function positive(graph: Graph, x: Value): Value {
  return graph.node("HardSigmoid", [x], { alpha: { float: 3e38 }, beta: { float: 0 } });
}

/** 1, 0 or -1; floats do without the operation, which ONNX Runtime's WebGPU provider lacks. */
const sign = kernel(tf.Sign, ({ x }) => {
  if (!isHeld(x) || !isNumeric(x)) return undefined;
  return planUnary(x, "", (graph, value) => {
    if (!graph.onGpu || x.dtype === "int32") return graph.node("Sign", [value]);
    const below = positive(graph, graph.node("Neg", [value]));
    return graph.node("Sub", [positive(graph, value), below]);
  });
});

/** A ReLU joins the node that makes its input, where nobody else needs the input. */
const relu = kernel(tf.Relu, ({ x }) => {
  if (x === undefined || !allFloat(x)) return undefined;
  return {
    key: "",
    inputs: [x],
    shape: x.shape,
    append: (graph, [operand]) => {
      const { layout, uses } = operand!;
      const waiting = uses === 1 ? operand!.deferred() : undefined;
      if (waiting !== undefined) return { value: waiting.emit({ relu: true }), layout };
      return { value: graph.node("Relu", [operand!.in(layout)]), layout };
    },
  };
});

const not = kernel(tf.LogicalNot, ({ x }) => {
  if (!isHeld(x) || x.dtype !== "bool") return undefined;
  return planUnary(x, "", (graph, value) => graph.node("Not", [value]));
});

/** Elementwise functions of one input. */
export const unaryKernels: readonly Kernel[] = [
  numericOperation(tf.Abs, "Abs"),
  numericOperation(tf.Neg, "Neg"),
  direct(tf.Sqrt, "Sqrt"),
  direct(tf.Reciprocal, "Reciprocal"),
  direct(tf.Exp, "Exp"),
  direct(tf.Log, "Log"),
  direct(tf.Tanh, "Tanh"),
  direct(tf.Sigmoid, "Sigmoid"),
  relu,
  direct(tf.Softplus, "Softplus"),
  direct(tf.Erf, "Erf"),
  rounding(tf.Floor, "Floor"),
  rounding(tf.Ceil, "Ceil"),
  rounding(tf.Round, "Round"),
  sign,
  numeric(tf.Square, (graph, x) => graph.node("Mul", [x, x])),
  plain(tf.Rsqrt, (graph, x) => graph.node("Reciprocal", [graph.node("Sqrt", [x])])),
  withAttributes<{ alpha: number }>(tf.LeakyRelu, "LeakyRelu", ({ alpha }) => ({
    alpha: { float: alpha },
  })),
  step,
  clip,
  not,
];
