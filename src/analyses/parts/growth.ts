import type { Estimate } from "../../core/moments.js";
import type { Direction } from "./propagation-row.js";

/** A positive statistic at a block. */
export interface GrowthPoint {
  readonly block: number;
  readonly stage: number;
  readonly value: number;
}

/**
 * What happens between the last block of a stage and the first of the next, beyond the growth
 * inside stages.
 */
export interface Jump {
  /** First block of the later stage. */
  readonly block: number;
  readonly factor: number;
}

/** How a statistic grows along its way: towards the logits forward, towards the input backward. */
export interface Growth {
  /** Factor a block inside stages; null when no stage has two blocks with positive values. */
  readonly factor: Estimate | null;
  /**
   * Factor a block from one end to the other; null when fewer than two blocks have positive values.
   */
  readonly overall: Estimate | null;
  /** End over start, the product of all steps; null like `overall`. */
  readonly total: number | null;
  /** Steps from one end to the other. */
  readonly steps: number;
  /** In the order of the blocks. */
  readonly jumps: readonly Jump[];
}

interface Line {
  readonly slope: number;
  readonly standardError: number | null;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

/** Points that have a logarithm. */
function drawable(points: readonly GrowthPoint[]): readonly GrowthPoint[] {
  return points.filter(({ value }) => Number.isFinite(value) && value > 0);
}

/** Deviations from the stage's own mean: `x` of the block, `y` of the logarithm. */
function centre(points: readonly GrowthPoint[]) {
  const [blocks, logs] = [points.map((p) => p.block), points.map((p) => Math.log(p.value))];
  const [x, y] = [mean(blocks), mean(logs)];
  return points.map((_, i) => ({ x: blocks[i]! - x, y: logs[i]! - y }));
}

/** Least squares of log(value) on the block with one slope and an own intercept for every stage. */
function fitLine(points: readonly GrowthPoint[]): Line | null {
  const stages = [...new Set(points.map((p) => p.stage))];
  const centred = stages.flatMap((stage) => centre(points.filter((p) => p.stage === stage)));
  const xx = centred.reduce((sum, { x }) => sum + x * x, 0);
  if (xx === 0) return null;
  const slope = centred.reduce((sum, { x, y }) => sum + x * y, 0) / xx;
  const residual = centred.reduce((sum, { x, y }) => sum + (y - slope * x) ** 2, 0);
  const freedom = points.length - stages.length - 1;
  return { slope, standardError: freedom > 0 ? Math.sqrt(residual / freedom / xx) : null };
}

/** Factor from logarithms, one a seed: error between seeds, or the fit's own with a single seed. */
function factorOf(logs: readonly number[], ownError: number | null): Estimate | null {
  if (logs.length === 0) return null;
  const centre = mean(logs);
  const squares = logs.reduce((sum, v) => sum + (v - centre) ** 2, 0);
  const error = logs.length > 1 ? Math.sqrt(squares / (logs.length - 1) / logs.length) : ownError;
  const value = Math.exp(centre);
  return { value, standardError: error === null ? null : error * value };
}

/**
 * Steps of log(value) over stage boundaries of one seed, keyed by the first block of the later
 * stage.
 */
function boundarySteps(points: readonly GrowthPoint[]): readonly (readonly [number, number])[] {
  return points.flatMap((point, i) => {
    const before = points[i - 1];
    if (before === undefined || before.stage === point.stage) return [];
    return [[point.block, Math.log(point.value) - Math.log(before.value)] as const];
  });
}

function jumpsOf(
  seeds: readonly (readonly GrowthPoint[])[],
  sign: number,
  inside: number,
): readonly Jump[] {
  const steps = seeds.flatMap(boundarySteps);
  const blocks = [...new Set(steps.map(([block]) => block))].sort((a, b) => a - b);
  return blocks.map((block) => {
    const logs = steps.filter(([at]) => at === block).map(([, log]) => sign * log);
    return { block, factor: Math.exp(mean(logs) - Math.log(inside)) };
  });
}

/** Logarithm of end over start of one seed and the number of blocks between. */
function ends(points: readonly GrowthPoint[], sign: number) {
  const [first, last] = [points[0]!, points.at(-1)!];
  return {
    log: sign * (Math.log(last.value) - Math.log(first.value)),
    steps: last.block - first.block,
  };
}

/**
 * Growth of a statistic, each seed's points in the order of blocks. Inside stages log(value) is
 * fitted with one slope and an own intercept for every stage; over the seeds logarithms are
 * averaged. Backward the factor is exp(-slope): what a gradient gains on its way to the input. The
 * error is that between seeds, or of the regression when there is one. Values that are zero or not
 * finite are left out.
 */
export function growthOf(seeds: readonly (readonly GrowthPoint[])[], direction: Direction): Growth {
  const sign = direction === "forward" ? 1 : -1;
  const positive = seeds.map(drawable).filter((points) => points.length > 0);
  const lines = positive.map(fitLine).filter((line) => line !== null);
  const factor = factorOf(
    lines.map((line) => sign * line.slope),
    lines[0]?.standardError ?? null,
  );
  const whole = positive.filter((points) => points.length > 1).map((p) => ends(p, sign));
  return {
    factor,
    overall: factorOf(
      whole.map(({ log, steps }) => log / steps),
      null,
    ),
    total: whole.length === 0 ? null : Math.exp(mean(whole.map(({ log }) => log))),
    steps: whole[0]?.steps ?? 0,
    jumps: jumpsOf(positive, sign, factor?.value ?? 1),
  };
}
