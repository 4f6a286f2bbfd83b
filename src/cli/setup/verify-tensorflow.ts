import { exitCodes, messageOf } from "../../core/errors.js";
import { loadTensorflow } from "../../engine/backends/tensorflow/binding.js";
import * as tf from "../../engine/tf.js";

/** `[[0.6, 1.3], [2, 0.5]]` times `[[2, 0.5], [0.6, 1.3]]`, row by row. */
const product = [1.98, 1.99, 4.3, 1.65];

/** A few roundings of 32-bit floats of size 4. */
const tolerance = 1e-5;

/**
 * Loads the binding in `folder`, multiplies, and prints the version of TensorFlow and where it
 * computes.
 */
async function verify(folder: string): Promise<void> {
  const { version, usesGpu } = loadTensorflow(folder, 1);
  await tf.setBackend("tensorflow");
  const a = tf.tensor2d([0.6, 1.3, 2, 0.5], [2, 2]);
  const b = tf.tensor2d([2, 0.5, 0.6, 1.3], [2, 2]);
  const found = tf.matMul(a, b).dataSync<"float32">();
  const right = product.every((value, i) => Math.abs(value - found[i]!) < tolerance);
  if (!right) throw new Error(`the product is [${found.join(", ")}], not [${product.join(", ")}]`);
  process.stdout.write(`libtensorflow ${version} on the ${usesGpu() ? "GPU" : "CPU"}\n`);
}

try {
  await verify(process.argv[2] ?? "");
} catch (error) {
  process.stderr.write(`error: ${messageOf(error).split("\n")[0]}\n`);
  process.exitCode = exitCodes.machine;
}
