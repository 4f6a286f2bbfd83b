import * as tf from "../../../tf.js";
import type { Graph } from "../graph.js";
import type { Attributes, Value } from "../model.js";
import type { Kernel } from "../plan.js";
import { kernel } from "../plan.js";
import { allFloat } from "./checks.js";

type Append = (graph: Graph, x: Value) => Value;

/** A function of each element; it keeps the layout. */
function unary<Given extends tf.NamedAttrMap>(
  name: string,
  appendOf: (given: Given) => { readonly key: string; readonly append: Append } | undefined,
): Kernel {
  return kernel<Given>(name, ({ x }, given) => {
    const chosen = appendOf(given);
    if (x === undefined || chosen === undefined || !allFloat(x)) return undefined;
    return {
      key: chosen.key,
      inputs: [x],
      shape: x.shape,
      append: (graph, [operand]) => {
        const { layout } = operand!;
        return { value: chosen.append(graph, operand!.in(layout)), layout };
      },
    };
  });
}

/** A function without attributes of its own. */
const plain = (name: string, append: Append): Kernel => unary(name, () => ({ key: "", append }));

/** A function that is one operation of ONNX without attributes. */
const direct = (name: string, operation: string): Kernel =>
  plain(name, (graph, x) => graph.node(operation, [x]));

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

const clip = unary<{ clipValueMin: number; clipValueMax: number }>(
  tf.ClipByValue,
  ({ clipValueMin, clipValueMax }) => ({
    key: `${clipValueMin},${clipValueMax}`,
    append: (graph, x) =>
      graph.node("Clip", [x, graph.scalar(clipValueMin), graph.scalar(clipValueMax)]),
  }),
);

/** Constants of the self-normalising unit, Klambauer et al. 2017, arXiv:1706.02515. */
const selu: Attributes = {
  alpha: { float: tf.backend_util.SELU_SCALEALPHA / tf.backend_util.SELU_SCALE },
  gamma: { float: tf.backend_util.SELU_SCALE },
};

const step = unary<{ alpha?: number }>(tf.Step, ({ alpha }) =>
  (alpha ?? 0) === 0 ? { key: "", append: positive } : undefined,
);

/** 1 where `x > 0`, else 0; steep enough that every normal float saturates. */
export function positive(graph: Graph, x: Value): Value {
  return graph.node("HardSigmoid", [x], { alpha: { float: 3e38 }, beta: { float: 0 } });
}

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
  if (x === undefined || x.dtype !== "bool") return undefined;
  return {
    key: "",
    inputs: [x],
    shape: x.shape,
    type: "bool",
    append: (graph, [operand]) => {
      const { layout } = operand!;
      return { value: graph.node("Not", [operand!.in(layout)]), layout };
    },
  };
});

/**
 * Elementwise functions of one input. Expm1 and Log1p are not here: ONNX has no accurate form near
 * 0.
 */
export const unaryKernels: readonly Kernel[] = [
  direct(tf.Abs, "Abs"),
  direct(tf.Neg, "Neg"),
  direct(tf.Sqrt, "Sqrt"),
  direct(tf.Reciprocal, "Reciprocal"),
  direct(tf.Exp, "Exp"),
  direct(tf.Log, "Log"),
  direct(tf.Tanh, "Tanh"),
  direct(tf.Sigmoid, "Sigmoid"),
  relu,
  direct(tf.Softplus, "Softplus"),
  direct(tf.Erf, "Erf"),
  direct(tf.Sin, "Sin"),
  direct(tf.Cos, "Cos"),
  direct(tf.Floor, "Floor"),
  direct(tf.Ceil, "Ceil"),
  direct(tf.Round, "Round"),
  direct(tf.Sign, "Sign"),
  plain(tf.Square, (graph, x) => graph.node("Mul", [x, x])),
  plain(tf.Rsqrt, (graph, x) => graph.node("Reciprocal", [graph.node("Sqrt", [x])])),
  withAttributes<{ alpha: number }>(tf.LeakyRelu, "LeakyRelu", ({ alpha }) => ({
    alpha: { float: alpha },
  })),
  withAttributes(tf.Elu, "Elu", () => ({ alpha: { float: 1 } })),
  withAttributes(tf.Selu, "Selu", () => selu),
  step,
  clip,
  not,
];
