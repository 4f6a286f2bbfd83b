import { keepsShape } from "./branch.js";
import type { Place, Trunk } from "./trunk.js";

/** One block of a normaliser-free network by its variances. */
export interface Step {
  /** Expected standard deviation of the block's input, by which it is divided. */
  readonly beta: number;
  /** Variance of the block's output in infinite width, channel by channel. */
  readonly variance: number;
}

/** Constants that the staircase follows from. */
export interface StaircaseOptions {
  /** Factor of every branch. */
  readonly alpha: number;
  /** Further factor of the branch at the start; the betas do not know of it. */
  readonly skipGain: number;
}

/**
 * Variances of a network whose stem gives variance 1. The expected variance starts at 1 in the
 * network and with the first block of a stage, and grows by alpha^2 a block; beta is its root at
 * the block's input. The true variance v becomes v + (alpha skipGain)^2 v / beta^2 beside an
 * identity, and starts from v / beta^2 beside a projection, which reads the divided signal. For
 * ReLU, or with skipGain 1.
 * Source: Brock et al. 2021, arXiv:2101.08692 (NF-ResNet), section 3 and the authors' code.
 */
export function staircase(trunk: Trunk, { alpha, skipGain }: StaircaseOptions): readonly Step[] {
  const steps: Step[] = [];
  let expected = 1;
  let variance = 1;
  for (const place of trunk.places) {
    const divided = variance / expected;
    const beta = Math.sqrt(expected);
    variance = shortcutVariance(place, variance, divided) + (alpha * skipGain) ** 2 * divided;
    steps.push({ beta, variance });
    expected = (place.first ? 1 : expected) + alpha ** 2;
  }
  return steps;
}

function shortcutVariance(place: Place, variance: number, divided: number): number {
  return keepsShape(place) ? variance : divided;
}
