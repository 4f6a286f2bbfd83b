import { test } from "vitest";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
test("x", async () => {
  for (const b of ["cpu", "wasm", "onnx"]) {
    await useBackend(b);
    const g = tf.grad((v: tf.Tensor) => tf.maxPool(v as tf.Tensor4D, 2, 2, 0))(tf.tensor4d([-3,-2,-4,-1], [1, 2, 2, 1]), tf.tensor4d([10], [1, 1, 1, 1]));
    console.log(b, "|", String(g.dataSync()));
  }
});
