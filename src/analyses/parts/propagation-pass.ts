import { partsOf, signalOf } from "../../architectures/parts/network.js";
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
import { sumSignal } from "./tapped-statistics.js";

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

/**
 * How a pass is run: on the samples `from` to `to` of the batch, which ends before `to`, and at
 * once, or with the signal between two parts of the network as all that is kept.
 */
export interface Share {
  readonly from: number;
  readonly to: number;
  readonly partByPart: boolean;
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
function lossCotangent({ batch, network }: Subject, { from, to }: Share, factor: number) {
  const { classes } = network;
  return (logits: tf.Tensor) => {
    const oneHot = new Float32Array((to - from) * classes);
    batch.labels.slice(from, to).forEach((label, n) => {
      oneHot[n * classes + label] = 1;
    });
    const difference = tf.sub(tf.softmax(logits), tf.tensor(oneHot, [to - from, classes]));
    return tf.mul(difference, factor / batch.count);
  };
}

/** Independent standard normal numbers at the features. */
function gaussianCotangent({ batch }: Subject, { from, to }: Share, key: Key, factor: number) {
  return (features: tf.Tensor) => {
    const size = sizeOf(features.shape.slice(1));
    const values = normal(fold(key, "cotangent"), batch.count * size);
    return tf.tensor(
      Float32Array.from(values.subarray(from * size, to * size), (v) => v * factor),
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

/** What a pass needs besides the network: how parts run, where sums go, when they are computed. */
interface Running {
  readonly run: ReturnType<typeof runPart>;
  readonly recorder: Recorder;
  /** Called with every signal between two parts. */
  settle(signal: tf.Tensor): void;
}

/** Sums every signal on the way forward and gives the input of every part, and the last output. */
function forward(
  parts: readonly Child[],
  images: tf.Tensor,
  { run, recorder, settle }: Running,
): readonly tf.Tensor[] {
  const tap: Tap = (signal, x) => {
    if (placeOf(signal) !== undefined) recorder.record("forward", signal, x);
    return x;
  };
  const signals = [images];
  for (const part of parts) {
    const x = signals.at(-1)!;
    const y = tf.tidy(() => tf.clone(tap(signalOf(part.name), run(part, x, tap))));
    settle(y);
    signals.push(y);
  }
  return signals;
}

/**
 * Brings the cotangent back part by part, running each part a second time: only the inputs of
 * parts stay in memory between, not what every layer gave, where a backend computes at once; a
 * graph computes both once. Signals are disposed on the way.
 */
function backward(
  parts: readonly Child[],
  signals: readonly tf.Tensor[],
  start: tf.Tensor,
  { run, recorder, settle }: Running,
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
    settle(before);
    tf.dispose([cotangent, signals[k + 1]!]);
    cotangent = before;
  }
}

/** The images of a share of the batch, `[to - from, ...shape]`. */
function imagesOf({ batch }: Subject, { from, to }: Share): tf.Tensor {
  const size = sizeOf(batch.shape);
  return tf.tensor(batch.images.subarray(from * size, to * size), [to - from, ...batch.shape]);
}

function runBothWays(
  subject: Subject,
  settings: PassSettings,
  share: Share,
  key: Key,
  factor: number,
  recorder: Recorder,
): void {
  const parts = partsOf(subject.network);
  const running: Running = {
    run: runPart(subject, settings, key),
    recorder,
    settle: (signal) => {
      const sums = [...recorder.pending.values()].map((pending) => pending.sums);
      if (share.partByPart) evaluate([signal, ...sums]);
    },
  };
  const signals = forward(parts, imagesOf(subject, share), running);
  const gaussian = settings.cotangent === "gaussian";
  const from = gaussian ? parts.slice(0, -1) : parts;
  const output = signals[from.length]!;
  const cotangent = gaussian
    ? gaussianCotangent(subject, share, key, factor)
    : lossCotangent(subject, share, factor);
  const start = tf.tidy(() => cotangent(output));
  backward(from, signals, start, running);
}

/** Disposes what a pass summed. */
export function disposeSums(pending: ReadonlyMap<SignalId, PendingStatistics>): void {
  for (const { sums } of pending.values()) sums.dispose();
}

/**
 * Records a pass on a share of the batch: the sums of every signal that was reached, which the
 * caller reads and disposes.
 */
export function recordPass(
  subject: Subject,
  settings: PassSettings,
  pass: Pass,
  share: Share,
  key: Key,
): ReadonlyMap<SignalId, PendingStatistics> {
  const recording = recorder(pass);
  try {
    const factor = 2 ** pass.exponent;
    tf.tidy(() => runBothWays(subject, settings, share, key, factor, recording));
    return recording.pending;
  } catch (thrown) {
    disposeSums(recording.pending);
    throw thrown;
  }
}
