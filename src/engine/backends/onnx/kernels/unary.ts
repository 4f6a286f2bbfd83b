import * as tf from "../../../tf.js";
import type { Attributes, Graph, Value } from "../graph.js";
import type { Kernel } from "../kernel.js";
import { allFloat, kernel, worthwhile } from "../kernel.js";

type Append = (graph: Graph, x: Value) => Value;

function unary(name: string, append: Append): Kernel {
  return kernel(name, ({ x }) => {
    if (x === undefined || !worthwhile(x) || !allFloat(x)) return undefined;
    return {
      key: name,
      inputs: [{ tensor: x }],
      shape: x.shape,
      append: (graph, [value]) => append(graph, value!),
    };
  });
}

/** A function that is one operation of ONNX without attributes. */
const direct = (name: string, operation: string): Kernel =>
  unary(name, (graph, x) => graph.node(operation, [x]));

/** A function whose attributes go into the operation; `undefined` leaves the call to JavaScript. */
function withAttributes<Given extends tf.NamedAttrMap>(
  name: string,
  operation: string,
  attributesOf: (given: Given) => Attributes | undefined,
): Kernel {
  return kernel<Given>(name, ({ x }, given) => {
    const attributes = attributesOf(given);
    if (x === undefined || attributes === undefined || !worthwhile(x) || !allFloat(x)) {
      return undefined;
    }
    return {
      key: `${name}${JSON.stringify(attributes)}`,
      inputs: [{ tensor: x }],
      shape: x.shape,
      append: (graph, [value]) => graph.node(operation, [value!], attributes),
    };
  });
}

const clip = kernel<{ clipValueMin: number; clipValueMax: number }>(
  tf.ClipByValue,
  ({ x }, { clipValueMin, clipValueMax }) => {
    if (x === undefined || !worthwhile(x) || !allFloat(x)) return undefined;
    return {
      key: `clip${clipValueMin},${clipValueMax}`,
      inputs: [{ tensor: x }],
      shape: x.shape,
      append: (graph, [value]) =>
        graph.node("Clip", [value!, graph.scalar(clipValueMin), graph.scalar(clipValueMax)]),
    };
  },
);

/** Constants of the self-normalising unit, Klambauer et al. 2017, arXiv:1706.02515. */
const selu: Attributes = {
  alpha: { float: tf.backend_util.SELU_SCALEALPHA / tf.backend_util.SELU_SCALE },
  gamma: { float: tf.backend_util.SELU_SCALE },
};

const step = kernel<{ alpha?: number }>(tf.Step, ({ x }, { alpha }) => {
  if (x === undefined || (alpha ?? 0) !== 0 || !worthwhile(x) || !allFloat(x)) return undefined;
  return {
    key: "step",
    inputs: [{ tensor: x }],
    shape: x.shape,
    append: (graph, [value]) => positive(graph, value!),
  };
});

/** 1 where `x > 0`, else 0; steep enough that every normal float saturates. */
export function positive(graph: Graph, x: Value): Value {
  return graph.node("HardSigmoid", [x], { alpha: { float: 3e38 }, beta: { float: 0 } });
}

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
  direct(tf.Relu, "Relu"),
  direct(tf.Softplus, "Softplus"),
  direct(tf.Erf, "Erf"),
  direct(tf.Sin, "Sin"),
  direct(tf.Cos, "Cos"),
  direct(tf.Floor, "Floor"),
  direct(tf.Ceil, "Ceil"),
  direct(tf.Round, "Round"),
  direct(tf.Sign, "Sign"),
  unary(tf.Square, (graph, x) => graph.node("Mul", [x, x])),
  unary(tf.Rsqrt, (graph, x) => graph.node("Reciprocal", [graph.node("Sqrt", [x])])),
  withAttributes<{ alpha: number }>(tf.LeakyRelu, "LeakyRelu", ({ alpha }) => ({
    alpha: { float: alpha },
  })),
  withAttributes(tf.Elu, "Elu", () => ({ alpha: { float: 1 } })),
  withAttributes(tf.Selu, "Selu", () => selu),
  step,
  clip,
];
