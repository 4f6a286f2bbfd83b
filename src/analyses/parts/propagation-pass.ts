import { runNetwork } from "../../architectures/parts/network.js";
import type { Statistics } from "../../core/moments.js";
import { scaleStatistics } from "../../core/moments.js";
import type { Key } from "../../core/random.js";
import { fold, normal } from "../../core/random.js";
import { sizeOf } from "../../core/shape.js";
import * as tf from "../../engine/tf.js";
import type { Subject } from "../analysis.js";
import type { Direction } from "./propagation-row.js";
import { placeOf } from "./propagation-row.js";
import type { Manner, PendingStatistics } from "./tapped-statistics.js";
import { lengthOf, readStatistics, sumSignal } from "./tapped-statistics.js";

/** What surrounds the measured pass. */
export interface PassSettings {
  readonly cotangent: "loss" | "gaussian";
  readonly batchStatistics: "batch" | "running";
  readonly dropout: "on" | "off";
}

/** A signal in a direction, `forward blocks.3`. */
export type SignalId = `${Direction} ${string}`;

/**
 * One forward and backward pass: which signals to read, how, and with what factor on the cotangent.
 */
export interface Pass {
  readonly manner: Manner;
  /** The cotangent is multiplied by 2^exponent, undone in float64. */
  readonly exponent: number;
  /** Signals to read; all of them when absent. */
  readonly only?: ReadonlySet<SignalId>;
}

interface Recorder {
  readonly pending: Map<SignalId, PendingStatistics>;
  record(direction: Direction, signal: string, x: tf.Tensor): void;
}

function recorder({ manner, only }: Pass): Recorder {
  const pending = new Map<SignalId, PendingStatistics>();
  return {
    pending,
    record(direction, signal, x) {
      const id: SignalId = `${direction} ${signal}`;
      if (only !== undefined && !only.has(id)) return;
      const sums = tf.tidy(() => {
        const summed = sumSignal(x, manner);
        return { ...summed, sums: summed.sums.map((sum) => tf.keep(sum)) };
      });
      pending.set(id, sums);
    },
  };
}

/** The identity with a side effect each way: sums of x forward, of its cotangent backward. */
function recordBothWays(signal: string, recorder: Recorder, x: tf.Tensor): tf.Tensor {
  const identity = tf.customGrad((...inputs) => {
    const value = inputs[0] as tf.Tensor;
    // Inside a custom gradient nothing is taped, so the sums are not differentiated.
    recorder.record("forward", signal, value);
    const gradFunc = (cotangent: tf.Tensor) => {
      recorder.record("backward", signal, cotangent);
      return tf.clone(cotangent);
    };
    return { value: tf.clone(value), gradFunc };
  });
  return identity(x);
}

/** The identity forward; backward it answers with `cotangent(x)`, whatever reaches it. */
function startBackward(cotangent: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor): tf.Tensor {
  const identity = tf.customGrad((...inputs) => {
    const value = inputs[0] as tf.Tensor;
    (inputs[1] as tf.GradSaveFunc)([value]);
    const gradFunc = (_ignored: tf.Tensor, saved: tf.Tensor[]) => cotangent(saved[0]!);
    return { value: tf.clone(value), gradFunc };
  });
  return identity(x);
}

/**
 * Gradient of the cross-entropy, mean over the batch, at the logits: (softmax - one-hot) / batch.
 */
function lossCotangent({ batch, network }: Subject, factor: number) {
  const { labels, count } = batch;
  return (logits: tf.Tensor) => {
    const oneHot = new Float32Array(count * network.classes);
    labels.forEach((label, n) => {
      oneHot[n * network.classes + label] = 1;
    });
    const difference = tf.sub(tf.softmax(logits), tf.tensor(oneHot, [count, network.classes]));
    return tf.mul(difference, factor / count);
  };
}

/** Independent standard normal numbers at the features. */
function gaussianCotangent(key: Key, factor: number) {
  return (features: tf.Tensor) => {
    const values = normal(fold(key, "cotangent"), sizeOf(features.shape));
    return tf.tensor(
      Float32Array.from(values, (v) => v * factor),
      features.shape,
    );
  };
}

function runBothWays(
  subject: Subject,
  settings: PassSettings,
  key: Key,
  factor: number,
  recorder: Recorder,
): void {
  const { network, parameters, batch } = subject;
  const gaussian = settings.cotangent === "gaussian";
  const cotangent = gaussian ? gaussianCotangent(key, factor) : lossCotangent(subject, factor);
  const tap = (signal: string, x: tf.Tensor) => {
    if (placeOf(signal) === undefined) return x;
    const y = recordBothWays(signal, recorder, x);
    return gaussian && signal === "features" ? startBackward(cotangent, y) : y;
  };
  const context = {
    training: settings.dropout === "on",
    statistics: settings.batchStatistics,
    key: fold(key, "dropout"),
    tap,
  };
  const forward = (x: tf.Tensor | tf.TensorLike) => {
    const logits = runNetwork(network, parameters, x as tf.Tensor, context);
    return gaussian ? logits : startBackward(cotangent, logits);
  };
  // Only the input's gradient is asked for, so TensorFlow.js leaves out every filter gradient.
  tf.grad(forward)(tf.tensor(batch.images, [batch.count, ...batch.shape]));
}

function disposeAll(pending: ReadonlyMap<SignalId, PendingStatistics>): void {
  for (const { sums } of pending.values()) tf.dispose([...sums]);
}

/** Starts a pass and joins all sums to one vector, so that one download reads them all. */
function start(subject: Subject, settings: PassSettings, pass: Pass, key: Key) {
  const recording = recorder(pass);
  try {
    const vector = tf.tidy(() => {
      runBothWays(subject, settings, key, 2 ** pass.exponent, recording);
      const sums = [...recording.pending.values()].flatMap((signal) => signal.sums);
      return sums.length === 0 ? tf.zeros([0]) : tf.concat(sums);
    });
    return { vector, pending: recording.pending };
  } finally {
    disposeAll(recording.pending);
  }
}

/** Runs one pass and gives the statistics of every signal that was reached. */
export async function propagate(
  subject: Subject,
  settings: PassSettings,
  pass: Pass,
  key: Key,
): Promise<ReadonlyMap<SignalId, Statistics>> {
  const { vector, pending } = start(subject, settings, pass, key);
  const values = Float32Array.from(await vector.data());
  vector.dispose();
  let at = 0;
  const read = new Map<SignalId, Statistics>();
  for (const [id, sums] of pending) {
    const end = at + lengthOf(sums);
    const statistics = readStatistics(sums, values.subarray(at, end));
    const undo = id.startsWith("backward") ? 2 ** -pass.exponent : 1;
    read.set(id, scaleSquares(statistics, undo));
    at = end;
  }
  return read;
}

function scaleSquares(statistics: Statistics, factor: number): Statistics {
  return factor === 1 ? statistics : scaleStatistics(statistics, factor);
}
