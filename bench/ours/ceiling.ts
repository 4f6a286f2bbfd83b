import { freeze } from "../../src/engine/evaluation.js";
import * as tf from "../../src/engine/tf.js";

const repetitions = 7;

/** Best rate in GFLOP/s. */
async function rate(flops: number, make: () => tf.Tensor): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let k = 0; k <= repetitions; k++) {
    const start = performance.now();
    const mean = tf.tidy(() => tf.mean(make()));
    await mean.data();
    mean.dispose();
    if (k > 0) best = Math.min(best, performance.now() - start);
  }
  return flops / best / 1e6;
}

async function productRate(side: number): Promise<number> {
  const [a, b] = [1, 2].map((seed) => tf.randomNormal([side, side], 0, 1, "float32", seed));
  const found = await rate(2 * side ** 3, () => tf.matMul(a!, b!));
  tf.dispose([a!, b!]);
  return found;
}

/** Of a 3x3 convolution without padding, so that no product with a zero is left out. */
async function convolutionRate(batch: number, size: number, channels: number): Promise<number> {
  const x = tf.randomNormal([batch, size + 2, size + 2, channels], 0, 1, "float32", 1);
  const filter = tf.randomNormal([3, 3, channels, channels], 0, 1, "float32", 2);
  freeze([filter]);
  const flops = 2 * 9 * batch * size ** 2 * channels ** 2;
  const found = await rate(flops, () => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 0));
  tf.dispose([x, filter]);
  return found;
}

/** The best rate of float32 work without waste, and what reached it. */
export async function ceiling(quick: boolean): Promise<{ gflops: number; of: string }> {
  const [side, batch] = quick ? [256, 2] : [2048, 32];
  let best = { gflops: await productRate(side), of: `matrix product ${side}` };
  for (const [size, channels] of [
    [32, 64],
    [16, 128],
    [8, 256],
  ] as const) {
    const gflops = await convolutionRate(batch, size, channels);
    if (gflops > best.gflops)
      best = { gflops, of: `unpadded convolution ${size}x${size}x${channels}` };
  }
  return best;
}
