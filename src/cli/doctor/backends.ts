import { type BackendName, backends, missingFor, useBackend } from "../../engine/index.js";
import * as tf from "../../engine/tf.js";
import { type Finding, findingOf } from "./finding.js";
import { speedOfBackend } from "./speed.js";

/** An inner pixel's cotangent of the sum of a 3x3 convolution, in the middle of 5x5x4. */
const place = 48;
const expected = 9 * 2 * 0.6;

/** Throws unless the cotangent of a convolution is the sum by hand. */
async function checkGradient(): Promise<void> {
  const cotangent = tf.tidy(() => {
    const filter = tf.fill([3, 3, 4, 2], 0.6) as tf.Tensor4D;
    const f = (x: tf.Tensor) => tf.sum(tf.conv2d(x as tf.Tensor4D, filter, 1, 1));
    return tf.grad(f)(tf.fill([1, 5, 5, 4], 1.3));
  });
  const found = (await cotangent.data<"float32">())[place] ?? 0;
  cotangent.dispose();
  if (Math.abs(found - expected) > 1e-4)
    throw new Error(`gradient ${found}, should be ${expected}`);
}

const right = "convolution and its gradient are right";

async function check(name: BackendName, quick: boolean): Promise<Omit<Finding, "what" | "state">> {
  const missing = missingFor(name);
  if (missing !== undefined) throw new Error(missing);
  await useBackend(name);
  await checkGradient();
  if (quick) return { detail: right };
  const gflops = Number((await speedOfBackend()).toPrecision(3));
  return { detail: `${right}; ${gflops} GFLOP/s`, gflops };
}

/** Starts a backend, checks it against a sum by hand and, unless quick, measures its speed. */
export async function backendFinding(name: BackendName, quick: boolean): Promise<Finding> {
  const finding = await findingOf(`backend ${name}`, () => check(name, quick));
  return { ...finding, needs: backends[name].needs };
}
