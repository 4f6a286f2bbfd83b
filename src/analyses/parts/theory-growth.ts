import type { StatisticName } from "../../core/moments.js";
import { statisticNames } from "../../core/moments.js";
import type { Joined } from "../analysis.js";
import { growthOf } from "./growth.js";
import type { Direction, PropagationRow } from "./propagation-row.js";
import type { SeriesPoint } from "./series.js";
import { seriesOf } from "./series.js";

type PredictedColumn = "predicted" | "asInPaper";

/** Gain that leads into `to` from its neighbour `from`, as `predictPath` made it. */
function stepGain(from: SeriesPoint, to: SeriesPoint, column: PredictedColumn): number | null {
  const reached = to[column];
  if (reached === null) return null;
  const gain = reached / (from[column] ?? from.value);
  return Number.isFinite(gain) && gain > 0 ? gain : null;
}

/** Pairs of neighbouring blocks on the signal's way. */
function steps(points: readonly SeriesPoint[], direction: Direction) {
  return points.slice(1).map((later, i) => {
    const earlier = points[i]!;
    const [from, to] = direction === "forward" ? [earlier, later] : [later, earlier];
    return { from, to, inside: from.stage === to.stage };
  });
}

/**
 * Geometric mean of the predicted gains inside stages, or over all steps when no stage has two
 * blocks; null when theory says nothing.
 */
export function predictedGrowth(
  points: readonly SeriesPoint[],
  direction: Direction,
  column: PredictedColumn = "predicted",
): number | null {
  const all = steps(points, direction);
  const inside = all.filter((step) => step.inside);
  const gains = (inside.length > 0 ? inside : all)
    .map(({ from, to }) => stepGain(from, to, column))
    .filter((gain) => gain !== null);
  if (gains.length === 0) return null;
  return Math.exp(gains.reduce((sum, gain) => sum + Math.log(gain), 0) / gains.length);
}

/** Growth of the statistic that a network's theory speaks of: by theory and as measured. */
export interface TheoryGrowth {
  readonly statistic: StatisticName;
  readonly predicted: number;
  readonly measured: number | null;
}

/**
 * By network: the first statistic with a prediction, total variance first; networks without theory
 * are left out.
 */
export function theoryGrowths(
  rows: readonly Joined<PropagationRow>[],
  direction: Direction,
): ReadonlyMap<string, TheoryGrowth> {
  const found = new Map<string, TheoryGrowth>();
  for (const statistic of statisticNames) {
    for (const { network, seeds } of seriesOf(rows, { statistic, direction, part: "output" })) {
      const predicted = predictedGrowth(seeds[0]!, direction);
      if (predicted === null || found.has(network)) continue;
      const { factor, overall } = growthOf(seeds, direction);
      found.set(network, { statistic, predicted, measured: (factor ?? overall)?.value ?? null });
    }
  }
  return found;
}
