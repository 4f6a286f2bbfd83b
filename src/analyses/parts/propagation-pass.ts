import { partsOf, signalOf } from "../../architectures/parts/network.js";
import type { Statistics } from "../../core/moments.js";
import { scaleStatistics } from "../../core/moments.js";
import type { Key } from "../../core/random.js";
import { fold, normal } from "../../core/random.js";
import { sizeOf } from "../../core/shape.js";
import { evaluate, within } from "../../engine/evaluation.js";
import * as tf from "../../engine/tf.js";
import type { Child } from "../../layers/layer.js";
import { scopeContext, scopeParameters } from "../../layers/scope.js";
import type { Subject } from "../analysis.js";
import type { Direction } from "./propagation-row.js";
import { placeOf } from "./propagation-row.js";
import type { Manner, PendingStatistics } from "./tapped-statistics.js";
import { readStatistics, sumSignal } from "./tapped-statistics.js";

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
      const summed = tf.tidy(() => ({ ...sumSignal(x, manner) }));
      tf.keep(summed.sums);
      pending.set(id, summed);
    },
  };
}

/** The identity that sums its cotangent on the way back. */
function recordBackward(signal: string, recorder: Recorder, x: tf.Tensor): tf.Tensor {
  const identity = tf.customGrad((...inputs) => ({
    value: tf.clone(inputs[0] as tf.Tensor),
    gradFunc: (cotangent: tf.Tensor) => {
      recorder.record("backward", signal, cotangent);
      return tf.clone(cotangent);
    },
  }));
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

type Tap = (signal: string, x: tf.Tensor) => tf.Tensor;

/** Runs one part of the network on its input; equal keys give equal dropout both times. */
function runPart(
  { network, parameters }: Pick<Subject, "network" | "parameters">,
  settings: PassSettings,
  key: Key,
): (part: Child, x: tf.Tensor, tap: Tap) => tf.Tensor {
  const training = settings.dropout === "on";
  const statistics = settings.batchStatistics;
  const parts = new Map(
    partsOf(network).map(({ name }) => [name, scopeParameters(name, parameters)]),
  );
  return ({ name, layer }, x, tap) => {
    const context = scopeContext(name, { training, statistics, key: fold(key, "dropout"), tap });
    return within(name, () => layer.apply(x, parts.get(name)!, context));
  };
}

/** Sums every signal on the way forward and gives the input of every part, and the last output. */
function forward(
  parts: readonly Child[],
  images: tf.Tensor,
  run: ReturnType<typeof runPart>,
  recorder: Recorder,
): readonly tf.Tensor[] {
  const tap: Tap = (signal, x) => {
    if (placeOf(signal) !== undefined) recorder.record("forward", signal, x);
    return x;
  };
  const signals = [images];
  for (const part of parts) {
    const x = signals.at(-1)!;
    signals.push(tf.tidy(() => tf.clone(tap(signalOf(part.name), run(part, x, tap)))));
  }
  return signals;
}

/**
 * Brings the cotangent back part by part, running each part a second time: only the inputs of
 * parts stay in memory between, not what every layer gave. Signals are disposed on the way.
 */
function backward(
  parts: readonly Child[],
  signals: readonly tf.Tensor[],
  start: tf.Tensor,
  run: ReturnType<typeof runPart>,
  recorder: Recorder,
): void {
  const tap: Tap = (signal, x) =>
    placeOf(signal) === undefined ? x : recordBackward(signal, recorder, x);
  let cotangent = start;
  for (let k = parts.length - 1; k >= 0; k--) {
    const part = parts[k]!;
    recorder.record("backward", signalOf(part.name), cotangent);
    if (k === 0) break; // nobody asks for the gradient of the images
    const before = tf.tidy(() =>
      tf.grad((x) => tf.clone(run(part, x as tf.Tensor, tap)))(signals[k]!, cotangent),
    );
    tf.dispose([cotangent, signals[k + 1]!]);
    cotangent = before;
  }
}

function runBothWays(
  subject: Subject,
  settings: PassSettings,
  key: Key,
  factor: number,
  recorder: Recorder,
): void {
  const { network, batch } = subject;
  const parts = partsOf(network);
  const images = tf.tensor(batch.images, [batch.count, ...batch.shape]);
  const run = runPart(subject, settings, key);
  const signals = forward(parts, images, run, recorder);
  const gaussian = settings.cotangent === "gaussian";
  const from = gaussian ? parts.slice(0, -1) : parts;
  const output = signals[from.length]!;
  const cotangent = gaussian ? gaussianCotangent(key, factor) : lossCotangent(subject, factor);
  backward(
    from,
    signals,
    tf.tidy(() => cotangent(output)),
    run,
    recorder,
  );
}

/** Records a pass: the sums of every signal that was reached, to be computed when they are read. */
function start(subject: Subject, settings: PassSettings, pass: Pass, key: Key) {
  const recording = recorder(pass);
  try {
    tf.tidy(() => runBothWays(subject, settings, key, 2 ** pass.exponent, recording));
    return recording.pending;
  } catch (thrown) {
    disposeAll(recording.pending);
    throw thrown;
  }
}

function disposeAll(pending: ReadonlyMap<SignalId, PendingStatistics>): void {
  for (const { sums } of pending.values()) sums.dispose();
}

/** Runs one pass and gives the statistics of every signal that was reached. */
export async function propagate(
  subject: Subject,
  settings: PassSettings,
  pass: Pass,
  key: Key,
): Promise<ReadonlyMap<SignalId, Statistics>> {
  const pending = start(subject, settings, pass, key);
  try {
    evaluate([...pending.values()].map(({ sums }) => sums));
    const read = new Map<SignalId, Statistics>();
    for (const [id, summed] of pending) {
      const statistics = readStatistics(summed, await summed.sums.data<"float32">());
      const undo = id.startsWith("backward") ? 2 ** -pass.exponent : 1;
      read.set(id, scaleSquares(statistics, undo));
    }
    return read;
  } finally {
    disposeAll(pending);
  }
}

function scaleSquares(statistics: Statistics, factor: number): Statistics {
  return factor === 1 ? statistics : scaleStatistics(statistics, factor);
}
