import * as tf from "../../../tf.js";
import type { Kernel } from "../plan.js";
import { kernel } from "../plan.js";
import { planElementwise } from "./binary.js";
import { allFloat } from "./checks.js";
import { plain } from "./unary.js";

/** `x` where it is not below 0, else `alpha x`. */
const prelu = kernel(tf.Prelu, ({ x, alpha }) =>
  allFloat(x, alpha)
    ? planElementwise([x!, alpha!], "float32", (graph, [value, slope]) =>
        graph.node("Where", [
          graph.node("Less", [value!, graph.scalar(0)]),
          graph.node("Mul", [slope!, value!]),
          value!,
        ]),
      )
    : undefined,
);

/** The cotangent of the exponential unit by its value: `dy (1 + min(y, 0))`. */
const eluCotangent = kernel(tf.EluGrad, ({ dy, y }) =>
  allFloat(dy, y)
    ? planElementwise([dy!, y!], "float32", (graph, [cotangent, value]) => {
        const below = graph.node("Min", [value!, graph.scalar(0)]);
        return graph.node("Mul", [cotangent!, graph.node("Add", [below, graph.scalar(1)])]);
      })
    : undefined,
);

/** Piecewise linear units with slopes or bounds of their own. */
export const slopeKernels: readonly Kernel[] = [
  prelu,
  eluCotangent,
  plain(tf.Relu6, (graph, x) => graph.node("Clip", [x, graph.scalar(0), graph.scalar(6)])),
];
