import * as tf from "../../../tf.js";
import { microsoft } from "../graph.js";
import type { Kernel } from "../plan.js";
import { kernel } from "../plan.js";
import { allFloat } from "./checks.js";

const product = kernel<{ transposeA: boolean; transposeB: boolean }>(
  tf.BatchMatMul,
  ({ a, b }, { transposeA, transposeB }) => {
    if (a === undefined || b === undefined || !allFloat(a, b)) return undefined;
    const batch = tf.backend_util.assertAndGetBroadcastShape(
      a.shape.slice(0, -2),
      b.shape.slice(0, -2),
    );
    const [rows, columns] = [a.shape.at(transposeA ? -1 : -2)!, b.shape.at(transposeB ? -2 : -1)!];
    const attributes = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 };
    return {
      key: `${attributes.transA}${attributes.transB}`,
      inputs: [a, b],
      shape: [...batch, rows, columns],
      append: (graph, operands) => ({
        value: graph.node(
          "FusedMatMul",
          operands.map((operand) => operand.in("rows")),
          attributes,
          microsoft,
        ),
        layout: "rows",
      }),
    };
  },
);

/** Matrix products. */
export const matrixProductKernels: readonly Kernel[] = [product];
