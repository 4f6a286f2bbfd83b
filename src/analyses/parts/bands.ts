import type { Direction } from "./propagation-row.js";
import type { Series, SeriesPoint } from "./series.js";

/** A point of a line chart with its band over seeds, ready for a log axis. */
export type BandRow = {
  readonly panel: string;
  readonly network: string;
  readonly block: number;
  readonly stage: number;
  readonly direction: Direction;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly predicted: number | null;
  readonly seeds: number;
  /** Whether a new stage begins here, after another one. */
  readonly starts: boolean;
  /** `overflows`, `is zero`, or empty: what the next block on the signal's way does. */
  readonly end: string;
};

/** From this many seeds on a band is the mean and its standard error; below it spans all seeds. */
export const enoughSeeds = 5;

interface Summary {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

/** Mean and band of positive values; the band stays positive. */
export function summarise(values: readonly number[]): Summary {
  const mean = average(values);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const n = values.length;
  if (n < enoughSeeds) return { mean, low: least, high: most };
  // Relative deviations: their squares stay finite where the squares of the values do not.
  const squares = average(values.map((v) => (v / mean - 1) ** 2));
  const error = mean * Math.sqrt(squares / (n - 1));
  return { mean, low: mean > error ? mean - error : least, high: mean + error };
}

function isDrawable(mean: number | undefined): mean is number {
  return mean !== undefined && Number.isFinite(mean) && mean > 0;
}

function endOf(next: number | undefined): string {
  if (next === undefined || isDrawable(next)) return "";
  return next === 0 ? "is zero" : "overflows";
}

function predictedAt(points: readonly SeriesPoint[]): number | null {
  const values = points.map(({ predicted }) => predicted).filter((value) => value !== null);
  if (values.length < points.length) return null;
  const mean = average(values);
  return isDrawable(mean) ? mean : null;
}

function byBlock({ seeds }: Series): readonly (readonly SeriesPoint[])[] {
  const blocks = [...new Set(seeds.flat().map(({ block }) => block))].sort((a, b) => a - b);
  return blocks.map((block) => seeds.flat().filter((point) => point.block === block));
}

/**
 * One row for every block that a log axis can show: mean over seeds, a band (mean and standard
 * error from `enoughSeeds` seeds on, smallest to largest below), and a mark before blocks that
 * overflow or are zero.
 */
export function bandsOf(series: Series, panel: string, direction: Direction): readonly BandRow[] {
  const blocks = byBlock(series);
  const means = blocks.map((points) => average(points.map(({ value }) => value)));
  return blocks.flatMap((points, i) => {
    if (!isDrawable(means[i])) return [];
    const { block, stage } = points[0]!;
    const before = blocks[i - 1]?.[0]?.stage ?? stage;
    return [
      {
        panel,
        network: series.network,
        block,
        stage,
        direction,
        ...summarise(points.map(({ value }) => value)),
        predicted: predictedAt(points),
        seeds: points.length,
        starts: before !== stage,
        end: endOf(means[direction === "forward" ? i + 1 : i - 1]),
      },
    ];
  });
}
