import type { Architecture, Network } from "../../src/architectures/architecture.js";
import {
  initialize,
  parameterCount,
  parameterSpecs,
  partsOf,
  runNetwork,
} from "../../src/architectures/parts/network.js";
import { fold, keyOf, normal } from "../../src/core/random.js";
import { parseOptions } from "../../src/core/schema.js";
import { sizeOf } from "../../src/core/shape.js";
import * as tf from "../../src/engine/tf.js";
import type { Context, Parameters } from "../../src/layers/layer.js";

/** Builds an architecture from options as a user gives them. */
export function built<O>(architecture: Architecture<O>, given: Partial<O> = {}): Network {
  return architecture.build(parseOptions(architecture.options, given, architecture.title));
}

/** Parameters without moments, and multiply-adds of one input. */
export function countsOf(network: Network): { readonly parameters: number; readonly macs: number } {
  return {
    parameters: parameterCount(parameterSpecs(network)),
    macs: partsOf(network).reduce((sum, { layer, inShape }) => sum + layer.macs(inShape), 0),
  };
}

/** White noise in the network's input shape, `[batch, ...inShape]`. */
export function noise(network: Network, batch: number, seed = 7): tf.Tensor {
  const values = normal(fold(keyOf(seed), "noise"), batch * sizeOf(network.inShape));
  return tf.tensor(Float32Array.from(values), [batch, ...network.inShape], "float32");
}

/** A context that is not training and records every signal it is shown. */
export function recording(signals: Record<string, tf.Tensor>): Context {
  return {
    training: false,
    statistics: "batch",
    key: keyOf(3),
    tap: (name, x) => {
      signals[name] = x;
      return x;
    },
  };
}

/** Every signal of a forward pass on white noise, by name. */
export function signalsOf(
  network: Network,
  { seed = 5, batch = 2 }: { readonly seed?: number; readonly batch?: number } = {},
): Readonly<Record<string, tf.Tensor>> {
  const signals: Record<string, tf.Tensor> = {};
  runNetwork(network, initialize(network, keyOf(seed)), noise(network, batch), recording(signals));
  return signals;
}

/** Mean of squares, finished in float64. */
export function meanSquare(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return sum / values.length;
}

/** Variance of every channel over batch and positions, averaged over channels. */
export function averageChannelVariance(x: tf.Tensor): number {
  const channels = x.shape.at(-1)!;
  const values = x.dataSync();
  const count = values.length / channels;
  let total = 0;
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    let squares = 0;
    for (let i = c; i < values.length; i += channels) {
      sum += values[i]!;
      squares += values[i]! ** 2;
    }
    total += squares / count - (sum / count) ** 2;
  }
  return total / channels;
}

/** Gradients of the mean of cross entropy against class 0 by every trainable parameter, by name. */
export function gradientsOf(
  network: Network,
  parameters: Parameters,
  x: tf.Tensor,
): Readonly<Record<string, Float32Array>> {
  const names = parameterSpecs(network)
    .filter((spec) => spec.trainable)
    .map(({ name }) => name);
  const loss = (...values: tf.Tensor[]): tf.Scalar => {
    const own = {
      ...parameters,
      ...Object.fromEntries(names.map((name, i) => [name, values[i]!])),
    };
    const logits = runNetwork(network, own, x, recording({}));
    const shifted = tf.sub(logits, tf.logSumExp(logits, -1, true));
    return tf.neg(tf.mean(tf.slice(shifted, [0, 0], [x.shape[0]!, 1])));
  };
  const gradients = tf.grads(loss)(names.map((name) => parameters[name]!));
  return Object.fromEntries(
    names.map((name, i) => [name, gradients[i]!.dataSync() as Float32Array]),
  );
}
