import * as tf from "../tf.js";
import { gradient, unbroadcast } from "./gradient.js";

type Transposed = { transposeA: boolean; transposeB: boolean };

/** dA of `op(A) op(B)`, in A's own layout. */
function left(dy: tf.Tensor, b: tf.Tensor, { transposeA, transposeB }: Transposed): tf.Tensor {
  return transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB);
}

/** dB of `op(A) op(B)`, in B's own layout. */
function right(dy: tf.Tensor, a: tf.Tensor, { transposeA, transposeB }: Transposed): tf.Tensor {
  return transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA, false);
}

/** Cotangents of matrix products, batch axes broadcast included. */
export const matrixProduct: readonly tf.GradConfig[] = [
  gradient<Transposed>(tf.BatchMatMul, { inputs: ["a", "b"] }, (dy, [a, b], transposed) => ({
    a: () => unbroadcast(left(dy, b, transposed), a.shape),
    b: () => unbroadcast(right(dy, a, transposed), b.shape),
  })),
];
