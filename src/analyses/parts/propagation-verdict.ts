import type { Estimate, StatisticName } from "../../core/moments.js";
import type { Joined, Verdict } from "../analysis.js";
import type { Growth } from "./growth.js";
import { growthOf } from "./growth.js";
import type { Direction, PropagationRow } from "./propagation-row.js";
import type { Series } from "./series.js";
import { seriesOf } from "./series.js";
import type { TheoryGrowth } from "./theory-growth.js";
import { predictedGrowth, theoryGrowths } from "./theory-growth.js";

/** Thresholds of the verdicts on variance. */
export const thresholds = {
  /** Largest growth a block that counts as none: one draw of 16 channels scatters by as much. */
  growth: 1.1,
  /** Smallest: the same distance below one. */
  decay: 0.9,
  /**
   * Change over all blocks, without stage boundaries, that is not preserved: gradients then differ
   * by more than sqrt(10), about 3, within a network.
   */
  total: 10,
  /**
   * Change at a stage boundary that counts as a switch: between none and the factor 2 of a doubled
   * width.
   */
  jump: 1.5,
} as const;

const thresholdText =
  `preserved: x${thresholds.decay} to x${thresholds.growth} a block inside stages and less than ` +
  `x${thresholds.total} over all blocks; switch: x${thresholds.jump} or more at a stage boundary`;

/** A factor as it is printed: `1.58`, `0.047`, `955`, `3.2e+7`. */
export function formatFactor(factor: number): string {
  if (factor >= 0.1 && factor < 100) return factor.toFixed(2);
  if (factor >= 0.01 && factor < 1000) return factor.toPrecision(factor < 1 ? 2 : 3);
  return factor.toExponential(1);
}

type Judgement = Pick<Verdict, "statement" | "level" | "value" | "standardError">;

function firstWith(
  series: Series,
  direction: Direction,
  test: (value: number) => boolean,
): number | undefined {
  const blocks = series.seeds.flat().filter(({ value }) => test(value));
  if (blocks.length === 0) return undefined;
  const numbers = blocks.map(({ block }) => block);
  return direction === "forward" ? Math.min(...numbers) : Math.max(...numbers);
}

const isOver = (value: number) => !Number.isFinite(value);

function judgeOverflow(series: Series, direction: Direction, forward: Series | undefined) {
  const block = firstWith(series, direction, isOver);
  if (block === undefined) return undefined;
  const lost =
    direction === "backward" &&
    forward !== undefined &&
    firstWith(forward, "forward", isOver) !== undefined;
  const statement = lost
    ? "is undefined backward: the forward pass overflows"
    : `overflows at block ${block} ${direction}`;
  return { statement, level: "bad", value: Number.POSITIVE_INFINITY, standardError: null } as const;
}

/** Gradients of the loss stop at a classifier that starts at zero, as Fixup's does. */
const zeroHint: Readonly<Record<Direction, string>> = {
  forward: "",
  backward:
    " (a classifier at zero stops the loss's gradient; --cotangent gaussian starts behind it)",
};

function judgeZero(series: Series, direction: Direction): Judgement | undefined {
  const block = firstWith(series, direction, (value) => value === 0);
  if (block === undefined) return undefined;
  const rest = { value: 0, standardError: null };
  if (series.seeds.flat().every(({ value }) => value === 0))
    return {
      statement: `is exactly zero at every block ${direction}${zeroHint[direction]}`,
      level: "warning",
      ...rest,
    };
  return {
    statement: `vanishes to exactly zero at block ${block} ${direction}`,
    level: "bad",
    ...rest,
  };
}

function isSwitch(factor: number): boolean {
  return factor >= thresholds.jump || factor <= 1 / thresholds.jump;
}

function isFar(change: number): boolean {
  return change >= thresholds.total || change <= 1 / thresholds.total;
}

/** A rate within bounds: preserved, or moved at stage boundaries only. */
function judgeSteady(growth: Growth, direction: Direction, rate: Estimate): Judgement {
  const jumps = growth.jumps.filter(({ factor }) => isSwitch(factor));
  if (jumps.length === 0) {
    const statement = `preserved ${direction} (x${formatFactor(rate.value)} a block)`;
    return { statement, level: "good", ...rate };
  }
  const list = jumps.map(({ factor }) => `x${formatFactor(factor)}`).join(", ");
  const statement = `switches at stage boundaries ${direction} (${list})`;
  return { statement, level: "warning", ...rate };
}

function judgeGrowth(growth: Growth, direction: Direction): Judgement {
  const rate = growth.factor ?? growth.overall;
  if (rate === null) {
    const statement = `has one block ${direction}: no growth to measure`;
    return { statement, level: "good", value: 1, standardError: null };
  }
  const { value } = rate;
  // Blocks must drive it far and it must end far: a change of width or resolution moves a variance
  // without harm, and a batch norm in front of a stage takes back what the stage before gained.
  const far = isFar(value ** growth.steps) && isFar(growth.total ?? value);
  const steady = value >= thresholds.decay && value <= thresholds.growth;
  if (steady && !far) return judgeSteady(growth, direction, rate);
  const verb = far ? (value > 1 ? "explodes" : "vanishes") : value > 1 ? "grows" : "shrinks";
  const inAll = far && growth.total !== null ? `, x${formatFactor(growth.total)} in all` : "";
  const statement = `${verb} x${formatFactor(value)} a block ${direction}${inAll}`;
  return { statement, level: far ? "bad" : "warning", ...rate };
}

/** Statistics as they are read aloud. */
export const statisticWords: Readonly<Record<StatisticName, string>> = {
  variance: "variance",
  averageChannelVariance: "average channel variance",
  averageChannelSquaredMean: "average squared channel mean",
  meanSquare: "mean square",
};

/** The paper's own figure in words, where it prints another than ours. */
function paperText(series: Series, direction: Direction, predicted: number): string {
  const printed = predictedGrowth(series.seeds[0]!, direction, "asInPaper");
  if (printed === null || Math.abs(printed / predicted - 1) < 0.005) return "";
  return `; the paper's formula gives x${formatFactor(printed)}`;
}

/**
 * What else a reader must know: the paper's figure, or the theory of a statistic that is not the
 * variance.
 */
function remark(series: Series, direction: Direction, theory: TheoryGrowth | undefined): string {
  if (theory === undefined) return "";
  if (theory.statistic === "variance") return paperText(series, direction, theory.predicted);
  const words = statisticWords[theory.statistic];
  const measured = theory.measured === null ? "zero" : `x${formatFactor(theory.measured)} a block`;
  return `; ${words} ${measured}, theory x${formatFactor(theory.predicted)}`;
}

/** The verdict on one network in one direction; `forward` is its forward series. */
function judge(
  series: Series,
  direction: Direction,
  forward: Series | undefined,
  theory: TheoryGrowth | undefined,
): Verdict {
  const judgement =
    judgeOverflow(series, direction, forward) ??
    judgeZero(series, direction) ??
    judgeGrowth(growthOf(series.seeds, direction), direction);
  return {
    network: series.network,
    aspect: `variance ${direction}`,
    ...judgement,
    statement: `${judgement.statement}${remark(series, direction, theory)}`,
    threshold: thresholdText,
    predicted: theory?.statistic === "variance" ? theory.predicted : null,
  };
}

/** Total variance of block outputs in a direction. */
export function outputSeries(rows: readonly Joined<PropagationRow>[], direction: Direction) {
  return seriesOf(rows, { statistic: "variance", direction, part: "output" });
}

/**
 * One verdict for every network and direction, on the total variance of block outputs. A theory of
 * another statistic stands in the statement, beside what was measured of that statistic.
 */
export function propagationVerdicts(rows: readonly Joined<PropagationRow>[]): readonly Verdict[] {
  const forward = outputSeries(rows, "forward");
  const backward = outputSeries(rows, "backward");
  const theory = {
    forward: theoryGrowths(rows, "forward"),
    backward: theoryGrowths(rows, "backward"),
  };
  return forward.flatMap((series) => {
    const { network } = series;
    const back = backward.find((other) => other.network === network);
    const verdict = judge(series, "forward", series, theory.forward.get(network));
    if (back === undefined) return [verdict];
    return [verdict, judge(back, "backward", series, theory.backward.get(network))];
  });
}
