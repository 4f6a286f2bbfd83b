import type { Statistics } from "../../core/moments.js";
import {
  momentStatistics,
  sampleStatistics,
  scaleStatistics,
  uniformStatistics,
} from "../../core/moments.js";
import { positionAxes, positionMeanSquare } from "../../engine/mean-square.js";
import * as tf from "../../engine/tf.js";

/**
 * How a signal is summed in float32. `plain` sums x and x² down to four numbers a sample.
 * `careful` divides by max|x| first and centres each sample's channels, for signals whose squares
 * leave the range of float32 or whose mean drowns their variance.
 */
export type Manner = "plain" | "careful";

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

/** Each sample's sums over channels, of the moments `[samples, channels]`. */
function plainSums(means: tf.Tensor, squares: tf.Tensor): readonly tf.Tensor[] {
  const overSamples = tf.sum(means, 0, true);
  return [means, squares, tf.square(means), tf.mul(means, overSamples)].map((one) =>
    tf.sum(one, 1),
  );
}

/** Sums of `[batch, ..., channels]`; runs inside a tidy, and the caller keeps what it needs. */
export function sumSignal(x: tf.Tensor, manner: Manner): PendingStatistics {
  const axes = positionAxes(x.rank);
  const base = { manner, samples: x.shape[0]!, channels: x.shape.at(-1)! };
  const flat = (sum: tf.Tensor) => tf.reshape(sum, [-1]);
  if (manner === "plain") {
    const rows = [base.samples, base.channels];
    const sums = plainSums(
      tf.reshape(meanOver(x, axes), rows),
      tf.reshape(positionMeanSquare(x), rows),
    );
    return { ...base, sums: tf.concat([...sums]) };
  }
  const size = tf.abs(x);
  const largest = tf.max(size);
  const scaled = tf.div(x, largest);
  const means = meanOver(scaled, axes);
  const centred = tf.sub(scaled, means);
  const spread = positionMeanSquare(centred);
  return { ...base, sums: tf.concat([largest, tf.mean(size), means, spread].map(flat)) };
}

function readCareful(pending: PendingStatistics, sums: Float32Array): Statistics {
  const { samples, channels } = pending;
  const [largest, size] = [sums[0]!, sums[1]!];
  if (Number.isNaN(size)) return uniformStatistics(Number.NaN);
  if (!Number.isFinite(largest)) return uniformStatistics(Number.POSITIVE_INFINITY);
  if (largest === 0) return uniformStatistics(0);
  const count = samples * channels;
  const means = sums.subarray(2, 2 + count);
  const squares = Float64Array.from(
    sums.subarray(2 + count),
    (spread, i) => spread + means[i]! ** 2,
  );
  return scaleStatistics(momentStatistics({ samples, channels, means, squares }), largest);
}

/**
 * Statistics from downloaded sums, finished in float64. A careful reading of a signal that holds
 * NaN is NaN in all four, of one that holds Infinity it is Infinity in all four.
 */
export function readStatistics(pending: PendingStatistics, sums: Float32Array): Statistics {
  if (pending.manner === "careful") return readCareful(pending, sums);
  const { samples, channels } = pending;
  const bySample = Array.from({ length: samples }, (_, n) => ({
    first: sums[n]!,
    second: sums[samples + n]!,
    squared: sums[2 * samples + n]!,
    crossed: sums[3 * samples + n]!,
  }));
  return sampleStatistics(bySample, channels);
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
