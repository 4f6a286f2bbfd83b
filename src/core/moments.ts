/**
 * The four statistics of a signal-propagation plot; all are population statistics and quadratic in
 * the signal.
 */
export const statisticNames = [
  "variance",
  "averageChannelVariance",
  "averageChannelSquaredMean",
  "meanSquare",
] as const;

/** Name of a statistic. */
export type StatisticName = (typeof statisticNames)[number];

/** A number with its standard error; null where one sample gives none. */
export interface Estimate {
  readonly value: number;
  readonly standardError: number | null;
}

/** All four statistics of one signal. */
export type Statistics = Readonly<Record<StatisticName, Estimate>>;

/**
 * Means over positions of a signal x and of x², one for each sample n and channel c.
 * `means` and `squares` are row-major `[samples, channels]`; a signal without positions has x and
 * x² themselves.
 */
export interface ChannelMoments {
  readonly samples: number;
  readonly channels: number;
  readonly means: ArrayLike<number>;
  readonly squares: ArrayLike<number>;
}

/** Values of the four statistics without errors. */
type Values = Record<StatisticName, number>;

/**
 * Sums over the channels of one sample's moments: of m1, of m2, of m1², and of m1 times the sum of
 * m1 over all samples.
 */
export interface SampleSums {
  readonly first: number;
  readonly second: number;
  readonly squared: number;
  readonly crossed: number;
}

function channelSums({ samples, channels, means }: ChannelMoments): Float64Array {
  const sums = new Float64Array(channels);
  for (let n = 0; n < samples; n++)
    for (let c = 0; c < channels; c++) sums[c] = sums[c]! + means[n * channels + c]!;
  return sums;
}

function sampleSums(moments: ChannelMoments, sums: Float64Array, n: number): SampleSums {
  let [first, second, squared, crossed] = [0, 0, 0, 0];
  for (let c = 0, at = n * moments.channels; c < moments.channels; c++, at++) {
    const mean = moments.means[at]!;
    first += mean;
    second += moments.squares[at]!;
    squared += mean * mean;
    crossed += mean * sums[c]!;
  }
  return { first, second, squared, crossed };
}

/**
 * The statistics from sums over `samples` samples; `squaredSums` is the sum over channels of (sum
 * of m1)².
 */
function valuesOf(
  first: number,
  second: number,
  squaredSums: number,
  samples: number,
  channels: number,
): Values {
  const count = samples * channels;
  const meanSquare = second / count;
  const squaredMean = Math.max(0, squaredSums) / (samples * samples * channels);
  // Rounding alone can make a difference of equal numbers negative; a variance is not.
  return {
    variance: Math.max(0, meanSquare - (first / count) ** 2),
    averageChannelVariance: Math.max(0, meanSquare - squaredMean),
    averageChannelSquaredMean: squaredMean,
    meanSquare,
  };
}

/** Jackknife standard error of a statistic from its values with one sample left out. */
function jackknifeError(leftOut: readonly number[]): number | null {
  const n = leftOut.length;
  if (n < 2) return null;
  const mean = leftOut.reduce((sum, v) => sum + v, 0) / n;
  return Math.sqrt((leftOut.reduce((sum, v) => sum + (v - mean) ** 2, 0) * (n - 1)) / n);
}

/**
 * The four statistics over samples, positions and channels with jackknife standard errors over
 * samples, in O(samples) by sums with one sample left out: `variance` E[x²] - E[x]² over
 * everything; `averageChannelVariance` the mean over channels of each channel's variance;
 * `averageChannelSquaredMean` the mean over channels of (channel mean)²; `meanSquare` E[x²].
 *
 * Cancellation: a variance is a difference of two numbers of the size of `meanSquare`, so its
 * absolute error is that of the inputs times `meanSquare`: 2e-16 for float64 inputs, 1e-7 for sums
 * taken in float32. One sample gives no standard error (null). The samples must be independent for
 * the error to mean what it says; batch norm couples them weakly.
 * Source: Brock et al. 2021, arXiv:2101.08692, section 3; Efron & Stein 1981 (jackknife).
 */
export function sampleStatistics(bySample: readonly SampleSums[], channels: number): Statistics {
  const samples = bySample.length;
  const total = (name: keyof SampleSums) => bySample.reduce((sum, one) => sum + one[name], 0);
  const [first, second, squaredSums] = [total("first"), total("second"), total("crossed")];
  const whole = valuesOf(first, second, squaredSums, samples, channels);
  const leftOut = bySample.map((s) =>
    valuesOf(
      first - s.first,
      second - s.second,
      squaredSums - 2 * s.crossed + s.squared,
      samples - 1,
      channels,
    ),
  );
  const estimate = (name: StatisticName): Estimate => ({
    value: whole[name],
    standardError: samples < 2 ? null : jackknifeError(leftOut.map((values) => values[name])),
  });
  return mapStatistics(estimate);
}

/** The same from the moments of every sample and channel, in O(samples x channels). */
export function momentStatistics(moments: ChannelMoments): Statistics {
  const { samples, channels } = moments;
  const sums = channelSums(moments);
  const bySample = Array.from({ length: samples }, (_, n) => sampleSums(moments, sums, n));
  return sampleStatistics(bySample, channels);
}

function mapStatistics(estimate: (name: StatisticName) => Estimate): Statistics {
  return {
    variance: estimate("variance"),
    averageChannelVariance: estimate("averageChannelVariance"),
    averageChannelSquaredMean: estimate("averageChannelSquaredMean"),
    meanSquare: estimate("meanSquare"),
  };
}

/**
 * The statistics of `factor` times the signal: each is quadratic, so values and errors grow by
 * factor².
 */
export function scaleStatistics(statistics: Statistics, factor: number): Statistics {
  const square = factor * factor;
  return mapStatistics((name) => {
    const { value, standardError } = statistics[name];
    return {
      value: value * square,
      standardError: standardError === null ? null : standardError * square,
    };
  });
}

/**
 * All four statistics with the same value and no error: zero, or the Infinity or NaN of a signal
 * that holds one.
 */
export function uniformStatistics(value: number): Statistics {
  const standardError = Number.isFinite(value) ? 0 : null;
  return mapStatistics(() => ({ value, standardError }));
}
