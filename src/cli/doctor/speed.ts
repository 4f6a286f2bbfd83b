import { freeze, thaw } from "../../engine/evaluation.js";
import * as tf from "../../engine/tf.js";

const side = 32;
const channels = 64;
const layers = 4;

/** Floating-point operations of the chain on one image: a product and a sum a weight and place. */
const operationsAnImage = layers * 2 * 9 * channels ** 2 * side ** 2;

/** Images at most; the signals of that many take 16 MB, which no cache holds. */
const mostImages = 64;

/** Keeps the size of signals: a ReLU halves the mean square, 9 x 64 terms add up. */
const standardDeviation = Math.sqrt(2 / (9 * channels));

/** Seconds of one pass: convolutions and ReLUs, one number read at the end. */
async function secondsOf(image: tf.Tensor4D, filters: readonly tf.Tensor4D[]): Promise<number> {
  const start = performance.now();
  const mean = tf.tidy(() => {
    const y = filters.reduce<tf.Tensor4D>(
      (x, filter) => tf.relu(tf.conv2d(x, filter, 1, 1)),
      image,
    );
    return tf.mean(y);
  });
  await mean.data();
  mean.dispose();
  return (performance.now() - start) / 1000;
}

/**
 * A tensor of equal elements that lie in memory; a recorded fill would be worked out beforehand.
 */
function stored(shape: [number, number, number, number], value: number): tf.Tensor4D {
  return tf.tensor4d(new Float32Array(tf.util.sizeFromShape(shape)).fill(value), shape);
}

/** Best of the passes that fit into some seconds, after one that may compile. */
async function best(images: number, seconds: number): Promise<number> {
  const image = stored([images, side, side, channels], 0.6);
  const filters = Array.from({ length: layers }, () =>
    stored([3, 3, channels, channels], standardDeviation),
  );
  freeze(filters);
  try {
    await secondsOf(image, filters);
    const end = performance.now() + 1000 * seconds;
    let least = Number.POSITIVE_INFINITY;
    do least = Math.min(least, await secondsOf(image, filters));
    while (performance.now() < end);
    return least;
  } finally {
    thaw(filters);
    tf.dispose([image, ...filters]);
  }
}

/**
 * Billions of floating-point operations a second that the current backend does in a chain of four
 * 3x3 convolutions of 64 channels with ReLUs, in at most some five seconds: one image first, then
 * as many as take a quarter of a second.
 */
export async function speedOfBackend(): Promise<number> {
  const alone = await best(1, 0.2);
  const images = Math.min(mostImages, Math.max(1, Math.floor(0.25 / alone)));
  const seconds = images === 1 ? alone : await best(images, 2);
  return (images * operationsAnImage) / seconds / 1e9;
}
