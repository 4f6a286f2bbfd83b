import type { Network, Prediction } from "../../architectures/architecture.js";
import type { StatisticName } from "../../core/moments.js";
import type { Direction } from "./propagation-row.js";

/** Which of a prediction's gains is followed. */
export type GainSource = "gain" | "asInPaper";

/** Measured values of one statistic: at the stem and at every block output in order. */
export interface MeasuredPath {
  readonly stem: number;
  readonly blocks: readonly number[];
}

function theoryOf(network: Network, block: number, direction: Direction, statistic: StatisticName) {
  const prediction = network.blocks[block]?.theory?.[direction];
  return prediction?.statistic === statistic ? prediction : undefined;
}

function gainOf(prediction: Prediction, source: GainSource): number | undefined {
  return source === "asInPaper" ? (prediction.asInPaper ?? prediction.gain) : prediction.gain;
}

/**
 * One step: the value itself, or the gain times the prediction before, or times the measurement
 * without one.
 */
function step(
  prediction: Prediction | undefined,
  source: GainSource,
  before: number | null,
  measuredBefore: number,
): number | null {
  if (prediction === undefined) return null;
  if (prediction.value !== undefined) return prediction.value;
  const gain = gainOf(prediction, source);
  const next = gain === undefined ? Number.NaN : gain * (before ?? measuredBefore);
  return Number.isFinite(next) ? next : null;
}

function forwardPath(
  theories: readonly (Prediction | undefined)[],
  source: GainSource,
  { stem, blocks }: MeasuredPath,
): readonly (number | null)[] {
  const path: (number | null)[] = [];
  theories.forEach((theory, k) => {
    path.push(step(theory, source, path[k - 1] ?? null, k === 0 ? stem : blocks[k - 1]!));
  });
  return path;
}

/**
 * The gradient at the last block's output is the anchor; block k + 1's gain leads to the output of
 * block k.
 */
function backwardPath(
  theories: readonly (Prediction | undefined)[],
  source: GainSource,
  { blocks }: MeasuredPath,
): readonly (number | null)[] {
  const path = new Array<number | null>(theories.length).fill(null);
  const last = theories.length - 1;
  if (theories[last] !== undefined && Number.isFinite(blocks[last])) path[last] = blocks[last]!;
  for (let k = last - 1; k >= 0; k--)
    path[k] = step(theories[k + 1], source, path[k + 1] ?? null, blocks[k + 1]!);
  return path;
}

/**
 * Mean-field predictions of a statistic at every block output, from `Block.theory`. Forward they
 * start at the measured stem; backward at the measured output of the last block. Where a block has
 * no theory of this statistic its prediction is null and the next one starts anew from the
 * measurement. With `asInPaper` the gains printed by the paper are followed, and all are null when
 * the paper prints none of its own.
 */
export function predictPath(
  network: Network,
  direction: Direction,
  statistic: StatisticName,
  measured: MeasuredPath,
  source: GainSource = "gain",
): readonly (number | null)[] {
  const theories = network.blocks.map((_, k) => theoryOf(network, k, direction, statistic));
  const printed = theories.some((theory) => theory?.asInPaper !== undefined);
  if (source === "asInPaper" && !printed) return theories.map(() => null);
  return (direction === "forward" ? forwardPath : backwardPath)(theories, source, measured);
}
