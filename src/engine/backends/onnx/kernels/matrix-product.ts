import * as tf from "../../../tf.js";
import type { Graph } from "../graph.js";
import type { Value } from "../model.js";
import { microsoft } from "../model.js";
import type { Kernel } from "../plan.js";
import { kernel } from "../plan.js";
import { allFloat } from "./checks.js";

/** Which matrices of a product are transposed, and the axes that each has. */
interface Product {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly ranks: readonly [number, number];
}

/** Exchanges the last two of `rank` axes. */
function turned(graph: Graph, value: Value, rank: number): Value {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  const perm = [...axes.slice(0, -2), rank - 1, rank - 2];
  return graph.node("Transpose", [value], { perm });
}

/** The product of matrices, many at once where there are more than two axes. */
function append(graph: Graph, a: Value, b: Value, product: Product): Value {
  const { transposeA, transposeB, ranks } = product;
  if (!graph.onGpu) {
    const attributes = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 };
    return graph.node("FusedMatMul", [a, b], attributes, microsoft);
  }
  return graph.node("MatMul", [
    transposeA ? turned(graph, a, ranks[0]) : a,
    transposeB ? turned(graph, b, ranks[1]) : b,
  ]);
}

const product = kernel<{ transposeA: boolean; transposeB: boolean }>(
  tf.BatchMatMul,
  ({ a, b }, { transposeA, transposeB }) => {
    if (a === undefined || b === undefined || !allFloat(a, b)) return undefined;
    const batch = tf.backend_util.assertAndGetBroadcastShape(
      a.shape.slice(0, -2),
      b.shape.slice(0, -2),
    );
    const [rows, columns] = [a.shape.at(transposeA ? -1 : -2)!, b.shape.at(transposeB ? -2 : -1)!];
    const ranks = [a.shape.length, b.shape.length] as const;
    return {
      key: `${transposeA ? 1 : 0}${transposeB ? 1 : 0}`,
      inputs: [a, b],
      shape: [...batch, rows, columns],
      append: (graph, [left, right]) => ({
        value: append(graph, left!.in("rows"), right!.in("rows"), {
          transposeA,
          transposeB,
          ranks,
        }),
        layout: "rows",
      }),
    };
  },
);

/** Matrix products. */
export const matrixProductKernels: readonly Kernel[] = [product];
