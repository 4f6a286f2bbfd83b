import { reluGrad } from "../../../gradients/activations.js";
import * as tf from "../../../tf.js";
import type { ElementType, Graph, Value } from "../graph.js";
import type { Kernel, Plan } from "../kernel.js";
import { allFloat, kernel, worthwhile } from "../kernel.js";
import { positive } from "./unary.js";

type Append = (graph: Graph, inputs: readonly Value[]) => Value;

function planBinary(
  key: string,
  a: tf.TensorInfo | undefined,
  b: tf.TensorInfo | undefined,
  type: ElementType,
  append: Append,
): Plan | undefined {
  if (a === undefined || b === undefined || !worthwhile(a, b)) return undefined;
  const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
  return { key, inputs: [{ tensor: a }, { tensor: b }], shape, type, append };
}

/** A function of two inputs of 32-bit floats that broadcast. */
function binary(name: string, append: Append, type: ElementType = "float32"): Kernel {
  return kernel(name, ({ a, b }) =>
    allFloat(a, b) ? planBinary(name, a, b, type, append) : undefined,
  );
}

const direct = (name: string, operation: string): Kernel =>
  binary(name, (graph, inputs) => graph.node(operation, inputs));

const comparison = (name: string, operation: string): Kernel =>
  binary(name, (graph, inputs) => graph.node(operation, inputs), "bool");

function logical(name: string, operation: string): Kernel {
  return kernel(name, ({ a, b }) =>
    a?.dtype === "bool" && b?.dtype === "bool"
      ? planBinary(name, a, b, "bool", (graph, inputs) => graph.node(operation, inputs))
      : undefined,
  );
}

const addN = kernel(tf.AddN, (inputs) => {
  const tensors = Object.values(inputs).filter((one) => one !== undefined);
  const first = tensors[0];
  if (first === undefined || !worthwhile(first) || !allFloat(...tensors)) return undefined;
  return {
    key: "sum",
    inputs: tensors.map((tensor) => ({ tensor })),
    shape: first.shape,
    append: (graph, values) => graph.node("Sum", values),
  };
});

const select = kernel(tf.Select, ({ condition, t, e }) => {
  if (condition === undefined || t === undefined || e === undefined) return undefined;
  const whole = tf.util.arraysEqual(condition.shape, t.shape);
  if (!whole || condition.dtype !== "bool" || !worthwhile(t) || !allFloat(t, e)) return undefined;
  return {
    key: "where",
    inputs: [{ tensor: condition }, { tensor: t }, { tensor: e }],
    shape: t.shape,
    append: (graph, values) => graph.node("Where", values),
  };
});

const reluCotangent = kernel(reluGrad, ({ dy, y }) => {
  if (dy === undefined || y === undefined || !worthwhile(y) || !allFloat(dy, y)) return undefined;
  return {
    key: reluGrad,
    inputs: [{ tensor: dy }, { tensor: y }],
    shape: y.shape,
    append: (graph, [cotangent, value]) => graph.node("Mul", [cotangent!, positive(graph, value!)]),
  };
});

/** Elementwise functions of two or more inputs. */
export const binaryKernels: readonly Kernel[] = [
  direct(tf.Add, "Add"),
  direct(tf.Sub, "Sub"),
  direct(tf.Multiply, "Mul"),
  direct(tf.RealDiv, "Div"),
  direct(tf.Maximum, "Max"),
  direct(tf.Minimum, "Min"),
  direct(tf.Pow, "Pow"),
  binary(tf.SquaredDifference, (graph, inputs) => {
    const difference = graph.node("Sub", inputs);
    return graph.node("Mul", [difference, difference]);
  }),
  comparison(tf.Greater, "Greater"),
  comparison(tf.GreaterEqual, "GreaterOrEqual"),
  comparison(tf.Less, "Less"),
  comparison(tf.LessEqual, "LessOrEqual"),
  comparison(tf.Equal, "Equal"),
  logical(tf.LogicalAnd, "And"),
  logical(tf.LogicalOr, "Or"),
  addN,
  select,
  reluCotangent,
];
