import type { ChannelMoments, Statistics } from "../../core/moments.js";
import { momentStatistics, sampleStatistics, uniformStatistics } from "../../core/moments.js";
import { positionAxes, positionMeanSquare, sampleMeanSquare } from "../../engine/mean-square.js";
import * as tf from "../../engine/tf.js";

/**
 * How a signal is summed in float32. `plain` sums x and x² down to four numbers a sample.
 * `careful` divides by max|x| first and centres each sample's channels, for signals whose squares
 * leave the range of float32 or whose mean drowns their variance. `moments` keeps the means of x
 * and x² of every sample and channel, so that readings of parts of a batch can be joined.
 */
export type Manner = "plain" | "careful" | "moments";

/** Sums of one signal while they are in the engine, one list that `readStatistics` takes. */
export interface PendingStatistics {
  readonly manner: Manner;
  readonly samples: number;
  readonly channels: number;
  readonly sums: tf.Tensor;
}

/**
 * Smallest mean square that is taken as it is: elements of 1e-15 square to 1e-30, far above
 * float32's 1e-38.
 */
export const smallestMeanSquare = 1e-30;

/**
 * Below this share of the mean square a variance from float32 means has less than four good digits.
 */
export const smallestVarianceShare = 1e-3;

function meanOver(x: tf.Tensor, axes: number[]): tf.Tensor {
  return axes.length === 0 ? x : tf.mean(x, axes, true);
}

/** Each sample's sums over channels, of the means `[samples, channels]` and of those of x². */
function plainSums(x: tf.Tensor, means: tf.Tensor): readonly tf.Tensor[] {
  const [first, squared, crossed] = [
    means,
    tf.square(means),
    tf.mul(means, tf.sum(means, 0, true)),
  ].map((one) => tf.sum(one, 1));
  const second = tf.mul(sampleMeanSquare(x), x.shape.at(-1)!);
  return [first!, second, squared!, crossed!];
}

/** Sums of `[batch, ..., channels]`; runs inside a tidy, and the caller keeps what it needs. */
export function sumSignal(x: tf.Tensor, manner: Manner): PendingStatistics {
  const axes = positionAxes(x.rank);
  const base = { manner, samples: x.shape[0]!, channels: x.shape.at(-1)! };
  const flat = (sum: tf.Tensor) => tf.reshape(sum, [-1]);
  if (manner !== "careful") {
    const rows = [base.samples, base.channels];
    const means = tf.reshape(meanOver(x, axes), rows);
    const sums = manner === "plain" ? plainSums(x, means) : [means, positionMeanSquare(x)];
    return { ...base, sums: tf.concat(sums.map(flat)) };
  }
  const size = tf.abs(x);
  const largest = tf.max(size);
  const scaled = tf.div(x, largest);
  const means = meanOver(scaled, axes);
  const centred = tf.sub(scaled, means);
  const spread = positionMeanSquare(centred);
  return { ...base, sums: tf.concat([largest, tf.mean(size), means, spread].map(flat)) };
}

/** Moments of every sample and channel, or the number that all statistics are. */
type Reading = ChannelMoments | { readonly all: number };

function readCareful(pending: PendingStatistics, sums: Float32Array): Reading {
  const { samples, channels } = pending;
  const [largest, size] = [sums[0]!, sums[1]!];
  if (Number.isNaN(size)) return { all: Number.NaN };
  if (!Number.isFinite(largest)) return { all: Number.POSITIVE_INFINITY };
  const count = samples * channels;
  const scaled = sums.subarray(2, 2 + count);
  // Dividing by a maximum of 0 gave no numbers.
  const means = Float64Array.from(scaled, (mean) => (largest === 0 ? 0 : mean * largest));
  const squares = Float64Array.from(sums.subarray(2 + count), (spread, i) =>
    largest === 0 ? 0 : (spread + scaled[i]! ** 2) * largest ** 2,
  );
  return { samples, channels, means, squares };
}

function readMoments(pending: PendingStatistics, sums: Float32Array): Reading {
  if (pending.manner === "careful") return readCareful(pending, sums);
  const { samples, channels } = pending;
  const count = samples * channels;
  return { samples, channels, means: sums.subarray(0, count), squares: sums.subarray(count) };
}

/** One after the other. */
function joined(parts: readonly ArrayLike<number>[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Statistics of a batch whose parts were read one by one. */
function joinReadings(readings: readonly Reading[]): Statistics {
  const broken = readings.flatMap((reading) => ("all" in reading ? [reading.all] : []));
  // NaN among them stays NaN.
  if (broken.length > 0) return uniformStatistics(Math.max(...broken));
  const moments = readings.filter((reading) => !("all" in reading)) as ChannelMoments[];
  return momentStatistics({
    samples: moments.reduce((sum, { samples }) => sum + samples, 0),
    channels: moments[0]!.channels,
    means: joined(moments.map(({ means }) => means)),
    squares: joined(moments.map(({ squares }) => squares)),
  });
}

function readPlain({ samples, channels }: PendingStatistics, sums: Float32Array): Statistics {
  const bySample = Array.from({ length: samples }, (_, n) => ({
    first: sums[n]!,
    second: sums[samples + n]!,
    squared: sums[2 * samples + n]!,
    crossed: sums[3 * samples + n]!,
  }));
  return sampleStatistics(bySample, channels);
}

/** A signal's downloaded sums, of the whole batch or of a part of it. */
export interface ReadSums {
  readonly pending: PendingStatistics;
  readonly sums: Float32Array;
}

/**
 * Statistics from downloaded sums, finished in float64; several sums are those of parts of a batch,
 * none of them plain. A careful reading of a signal that holds NaN is NaN in all four, of one that
 * holds Infinity it is Infinity in all four.
 */
export function readStatistics(parts: readonly ReadSums[]): Statistics {
  const [first] = parts;
  if (first?.pending.manner === "plain") return readPlain(first.pending, first.sums);
  return joinReadings(parts.map(({ pending, sums }) => readMoments(pending, sums)));
}

/**
 * Why a plain reading cannot be trusted; undefined when it can. `zero`: every sum is exactly zero.
 */
export type Doubt = "too large" | "too small" | "too flat" | "zero" | undefined;

/** Judges a plain reading by its own numbers. */
export function doubtOf(statistics: Statistics): Doubt {
  const { meanSquare, averageChannelVariance, averageChannelSquaredMean } = statistics;
  if (!Number.isFinite(meanSquare.value)) return "too large";
  // Squares below float32 are lost, but not their means: both are zero only where the signal is.
  if (meanSquare.value === 0 && averageChannelSquaredMean.value === 0) return "zero";
  if (meanSquare.value < smallestMeanSquare) return "too small";
  if (averageChannelVariance.value < smallestVarianceShare * meanSquare.value) return "too flat";
  return undefined;
}
