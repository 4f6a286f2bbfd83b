import type { Network } from "../../src/architectures/architecture.js";
import { initialize, runNetwork, signalShapes } from "../../src/architectures/parts/network.js";
import type { Place } from "../../src/architectures/parts/trunk.js";
import { fold, keyOf, normal } from "../../src/core/random.js";
import type { Shape } from "../../src/core/shape.js";
import { sizeOf } from "../../src/core/shape.js";
import * as tf from "../../src/engine/tf.js";
import { zero } from "../../src/initializers/zero.js";
import { dense, globalAveragePool, identity, type Layer } from "../../src/layers/index.js";

/** Independent standard normal images `[images, ...shape]`. */
export function gaussianImages(shape: Shape, images: number, seed: number): tf.Tensor {
  const values = normal(fold(keyOf(seed), "images"), images * sizeOf(shape));
  return tf.tensor(Float32Array.from(values), [images, ...shape]);
}

/**
 * Signals by name, and gradients of `sum(weights * last block)` at the blocks' inputs and outputs.
 */
export interface Propagation {
  readonly signals: Readonly<Record<string, Float32Array>>;
  readonly gradients: readonly Float32Array[];
}

/**
 * Runs a network on `x` with the parameters of a seed; blocks' signals are `x0` (input of the
 * first), `blocks.K`.
 */
export function propagate(network: Network, x: tf.Tensor, seed: number): Propagation {
  return tf.tidy(() => {
    const key = keyOf(seed);
    const parameters = initialize(network, key);
    const shapes = signalShapes(network);
    const names = ["stem", ...network.blocks.map((_, k) => `blocks.${k}`)];
    const batch = x.shape[0]!;
    const last = [batch, ...shapes[names.at(-1)!]!];
    const cotangent = tf.tensor(
      Float32Array.from(normal(fold(key, "cotangent"), sizeOf(last))),
      last,
    );
    const signals: Record<string, Float32Array> = {};
    const loss = (...shifts: tf.Tensor[]): tf.Scalar => {
      let end: tf.Tensor | undefined;
      const tap = (name: string, y: tf.Tensor): tf.Tensor => {
        signals[name] = y.dataSync() as Float32Array;
        const at = names.indexOf(name);
        if (at < 0) return y;
        const shifted = tf.add(y, shifts[at]!);
        if (at === names.length - 1) end = shifted;
        return shifted;
      };
      runNetwork(network, parameters, x, { training: false, statistics: "batch", key, tap });
      return tf.sum(tf.mul(end!, cotangent)) as tf.Scalar;
    };
    const shifts = names.map((name) => tf.zeros([batch, ...shapes[name]!]));
    const gradients = tf
      .grads(loss)(shifts)
      .map((g) => g.dataSync() as Float32Array);
    return { signals, gradients };
  });
}

/** Mean of squares in float64. */
export function meanSquare(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum / values.length;
}

/** Variance over all values in float64. */
export function variance(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return meanSquare(values) - (sum / values.length) ** 2;
}

/** Blocks alone: an identity stem, so that the images are the first block's input. */
export function bareNetwork(layers: readonly Layer[], inShape: Shape): Network {
  return {
    inShape,
    classes: 2,
    stem: identity(),
    blocks: layers.map((layer) => ({ stage: 1, layer })),
    features: globalAveragePool(),
    classifier: dense({ units: 2, initializer: zero() }),
  };
}

/** A place of a block outside of any trunk. */
export function placeOf(part: Partial<Place> & Pick<Place, "inWidth">): Place {
  const { inWidth } = part;
  return {
    index: 0,
    stage: 1,
    first: false,
    stride: 1,
    inner: inWidth,
    outWidth: inWidth,
    size: 8,
    ...part,
  };
}
