import type { BlockTheory } from "../architecture.js";
import type { Convolution } from "./branch.js";

/**
 * Infinite-width theory of convolutional blocks at initialisation, position by position.
 *
 * The statistic is the total variance of a signal over images, positions and channels. The variance
 * averaged over channels is smaller where channels have means of their own, as behind ReLUs.
 * Forward, a gain is the variance of a block's output over that of its input. Backward, it is the
 * variance of dL/d(block input) over that of dL/d(block output).
 *
 * Weights are independent, of zero mean and one variance a tensor, and a ReLU, where there is one,
 * stands before its convolution; its input is symmetric about 0. Zero padding takes taps away at
 * the border, which is why signals are followed as profiles over positions and not as one number.
 * Source: He et al. 2015, arXiv:1502.01852, eq. 7-14; Civitelli et al. 2021, arXiv:2112.12299,
 * appendix A.
 */
export interface Profile {
  /** Height and width. */
  readonly size: number;
  /** Second moment at each position, row-major `[size * size]`. */
  readonly values: Float64Array;
}

/** What a tensor of weights was made to have after sampling: mean 0 in all, or in each filter. */
export type Centring = "none" | "layer" | "filter";

/** A rule that weights follow: variance of one entry of a kernel `[k, k, in, out]`. */
export interface WeightRule {
  variance(shape: readonly [number, number, number, number]): number;
  readonly centring: Centring;
}

/** Moments of one convolution's weights, and whether a ReLU stands before it. */
export interface ConvolutionMoments extends Convolution {
  readonly variance: number;
  readonly centring: Centring;
  readonly rectified: boolean;
}

/** Moments of a residual block y = scale (shortcut(x) + branch(x)). */
export interface BlockMoments {
  readonly branch: readonly ConvolutionMoments[];
  /** None for an identity. */
  readonly shortcut: readonly ConvolutionMoments[];
  /** Factor of the shortcut; 1 unless given. */
  readonly shortcutFactor?: number;
  /** Factor of the sum; 1 unless given. */
  readonly scale?: number;
  /** Gains the paper prints, where it prints some. */
  readonly asInPaper?: Gains;
}

/** Gains of a variance over a convolution or block. */
export interface Gains {
  readonly forward: number;
  readonly backward: number;
}

/** Moments of convolutions whose weights follow a rule. */
export function momentsOf(
  { size, stride, inWidth, outWidth }: Convolution,
  rule: WeightRule,
  rectified: boolean,
): ConvolutionMoments {
  const variance = rule.variance([size, size, inWidth, outWidth]);
  return { size, stride, inWidth, outWidth, variance, centring: rule.centring, rectified };
}

/** Second moment 1 at every position of a `size` x `size` signal. */
export function uniformProfile(size: number): Profile {
  return { size, values: new Float64Array(size * size).fill(1) };
}

/** Mean over positions: the total variance of a signal of mean 0. */
export function meanOf({ values }: Profile): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

/** Size of the output of a convolution with padding `(size - 1) / 2`. */
function outSizeOf(inSize: number, { size, stride }: Convolution): number {
  return Math.floor((inSize - 1 + 2 * ((size - 1) / 2) - (size - 1)) / stride) + 1;
}

/** Positions of one axis that meet at a tap inside the input: `[output, input]`. */
type Tap = readonly [out: number, at: number];

function tapsOf(inSize: number, convolution: Convolution): readonly Tap[] {
  const { size, stride } = convolution;
  const padding = (size - 1) / 2;
  const taps: Tap[] = [];
  for (let out = 0; out < outSizeOf(inSize, convolution); out++) {
    for (let tap = 0; tap < size; tap++) {
      const at = out * stride + tap - padding;
      if (at >= 0 && at < inSize) taps.push([out, at]);
    }
  }
  return taps;
}

/** Sums over the taps of the last axis, `[lines, at]` to `[out, lines]`. */
function sumAxis(values: Float64Array, lines: number, outSize: number, taps: readonly Tap[]) {
  const inSize = values.length / lines;
  const sums = new Float64Array(outSize * lines);
  for (const [out, at] of taps)
    for (let line = 0; line < lines; line++)
      sums[out * lines + line]! += values[line * inSize + at]!;
  return sums;
}

/** Sums over the taps of both axes, which a square kernel's inside taps are the product of. */
function sumTaps(
  values: Float64Array,
  inSize: number,
  outSize: number,
  taps: readonly Tap[],
): Float64Array {
  return sumAxis(sumAxis(values, inSize, outSize, taps), outSize, outSize, taps);
}

/** Weights that share the sum that was made 0, per convolution; infinite where none was. */
function centredWeights({ size, inWidth, outWidth, centring }: ConvolutionMoments): number {
  if (centring === "none") return Number.POSITIVE_INFINITY;
  return size * size * inWidth * (centring === "layer" ? outWidth : 1);
}

/**
 * The profile behind [ReLU and] a convolution with zero padding. With n taps inside it is
 * v (n E[z^2] - n (n - 1) E[z]^2 / (g - 1)), as g weights of sum 0 have covariance -v / (g - 1).
 */
export function forwardProfile(x: Profile, convolution: ConvolutionMoments): Profile {
  const { inWidth, variance, rectified } = convolution;
  const size = outSizeOf(x.size, convolution);
  const taps = tapsOf(x.size, convolution);
  const sum = (values: Float64Array) => sumTaps(values, x.size, size, taps);
  const moments = sum(x.values).map((m) => m * inWidth);
  if (!rectified) return { size, values: moments.map((m) => m * variance) };
  const pairs = centredWeights(convolution) - 1;
  const means = sum(x.values.map(Math.sqrt)).map((m) => m * inWidth);
  const values = moments.map(
    (m, p) => variance * (m / 2 - (means[p]! ** 2 - m) / (2 * Math.PI * pairs)),
  );
  return { size, values };
}

/** The gradient's profile before [ReLU and] a convolution, from the one behind it. */
export function backwardProfile(
  gradient: Profile,
  convolution: ConvolutionMoments,
  inSize: number,
): Profile {
  const { variance, outWidth, rectified } = convolution;
  const factor = (variance * outWidth) / (rectified ? 2 : 1);
  const taps = tapsOf(inSize, convolution).map(([out, at]): Tap => [at, out]);
  const sums = sumTaps(gradient.values, gradient.size, inSize, taps);
  return { size: inSize, values: sums.map((sum) => factor * sum) };
}

/** Gains of [ReLU and] a convolution for a signal that is alike at every position. */
export function convGain(convolution: ConvolutionMoments, inSize: number): Gains {
  const forward = forwardProfile(uniformProfile(inSize), convolution);
  const gradient = uniformProfile(outSizeOf(inSize, convolution));
  return {
    forward: meanOf(forward),
    backward: meanOf(backwardProfile(gradient, convolution, inSize)),
  };
}

/**
 * The same gains with all taps inside, as papers compute them (circular padding): for ReLU and
 * variance v, k^2 in v / 2 forward and k^2 out v / (2 stride^2) backward; filters of mean 0 lose
 * the mean of the ReLU, a factor 1 - 1/pi forward.
 */
export function circularConvGain(convolution: ConvolutionMoments): Gains {
  const { size, stride, inWidth, outWidth, variance, centring, rectified } = convolution;
  const half = rectified ? 1 / 2 : 1;
  const kept = rectified && centring === "filter" ? 1 - 1 / Math.PI : 1;
  return {
    forward: size * size * inWidth * variance * half * kept,
    backward: (size * size * outWidth * variance * half) / (stride * stride),
  };
}

function sumOf(block: BlockMoments, branch: number, shortcut: number): number {
  const factor = block.shortcutFactor ?? 1;
  return (block.scale ?? 1) ** 2 * (branch + factor * factor * shortcut);
}

function sumProfiles(block: BlockMoments, branch: Profile, shortcut: Profile): Profile {
  return {
    size: branch.size,
    values: branch.values.map((b, p) => sumOf(block, b, shortcut.values[p]!)),
  };
}

/** Gains of a residual block with circular padding, in closed form. */
export function circularBlockGain(block: BlockMoments): Gains {
  const product = (chain: readonly ConvolutionMoments[], direction: keyof Gains) =>
    chain.reduce((gain, convolution) => gain * circularConvGain(convolution)[direction], 1);
  const gain = (direction: keyof Gains) =>
    sumOf(block, product(block.branch, direction), product(block.shortcut, direction));
  return { forward: gain("forward"), backward: gain("backward") };
}

function forwardBlock(x: Profile, block: BlockMoments): Profile {
  return sumProfiles(
    block,
    block.branch.reduce(forwardProfile, x),
    block.shortcut.reduce(forwardProfile, x),
  );
}

function backwardChain(
  gradient: Profile,
  chain: readonly ConvolutionMoments[],
  inSize: number,
): Profile {
  const sizes: number[] = [];
  chain.reduce((size, convolution) => {
    sizes.push(size);
    return outSizeOf(size, convolution);
  }, inSize);
  return chain.reduceRight(
    (g, convolution, k) => backwardProfile(g, convolution, sizes[k]!),
    gradient,
  );
}

function backwardBlock(gradient: Profile, block: BlockMoments, inSize: number): Profile {
  return sumProfiles(
    block,
    backwardChain(gradient, block.branch, inSize),
    backwardChain(gradient, block.shortcut, inSize),
  );
}

/**
 * Theory of a chain of residual blocks: each gain is that of the profile which reaches the block,
 * from `input` forward and from a gradient alike at every position backward, as global average
 * pooling gives. The branch's last layer must be a convolution, so that branch and shortcut are
 * uncorrelated. A plain sum (scale 1) of pre-activation blocks with He's variance doubles the
 * variance a block.
 */
export function residualTheory(
  blocks: readonly BlockMoments[],
  input: Profile,
  source: string,
): readonly BlockTheory[] {
  const inputs = [input];
  for (const block of blocks) inputs.push(forwardBlock(inputs.at(-1)!, block));
  const gradients = [uniformProfile(inputs.at(-1)!.size)];
  for (let k = blocks.length - 1; k >= 0; k--)
    gradients.unshift(backwardBlock(gradients[0]!, blocks[k]!, inputs[k]!.size));
  return blocks.map(({ asInPaper }, k): BlockTheory => {
    const forward = meanOf(inputs[k + 1]!) / meanOf(inputs[k]!);
    const backward = meanOf(gradients[k]!) / meanOf(gradients[k + 1]!);
    const printed = (value: number | undefined) =>
      value === undefined ? {} : { asInPaper: value };
    return {
      forward: { statistic: "variance", gain: forward, ...printed(asInPaper?.forward) },
      backward: { statistic: "variance", gain: backward, ...printed(asInPaper?.backward) },
      source,
    };
  });
}
