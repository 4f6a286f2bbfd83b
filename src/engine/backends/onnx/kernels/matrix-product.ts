import * as tf from "../../../tf.js";
import { microsoft } from "../graph.js";
import type { Kernel } from "../kernel.js";
import { allFloat, kernel } from "../kernel.js";

/** Fewer multiply-adds than this are quicker in JavaScript. */
const fewMultiplyAdds = 4096;

const product = kernel<{ transposeA: boolean; transposeB: boolean }>(
  tf.BatchMatMul,
  ({ a, b }, { transposeA, transposeB }) => {
    if (a === undefined || b === undefined || !allFloat(a, b)) return undefined;
    const [rows, inner] = lastTwo(a.shape, transposeA);
    const columns = lastTwo(b.shape, transposeB)[1];
    const batch = tf.backend_util.assertAndGetBroadcastShape(
      a.shape.slice(0, -2),
      b.shape.slice(0, -2),
    );
    const shape = [...batch, rows, columns];
    if (tf.util.sizeFromShape(shape) * inner < fewMultiplyAdds) return undefined;
    const attributes = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 };
    return {
      key: `product${attributes.transA}${attributes.transB}`,
      inputs: [{ tensor: a }, { tensor: b }],
      shape,
      append: (graph, values) => graph.node("FusedMatMul", values, attributes, microsoft),
    };
  },
);

/** Rows and columns of a matrix, after the transposition if there is one. */
function lastTwo(shape: readonly number[], transposed: boolean): [number, number] {
  const [rows, columns] = [shape.at(-2)!, shape.at(-1)!];
  return transposed ? [columns, rows] : [rows, columns];
}

/** Matrix products. */
export const matrixProductKernels: readonly Kernel[] = [product];
