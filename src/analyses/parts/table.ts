import type { Estimate } from "../../core/moments.js";
import type { Joined, Table, Verdict } from "../analysis.js";
import { growthOf } from "./growth.js";
import type { Direction, PropagationRow } from "./propagation-row.js";
import {
  formatFactor,
  outputSeries,
  propagationVerdicts,
  statisticWords,
} from "./propagation-verdict.js";
import type { Series } from "./series.js";
import type { TheoryGrowth } from "./theory-growth.js";
import { theoryGrowths } from "./theory-growth.js";

function formatEstimate(estimate: Estimate | null): string {
  if (estimate === null) return "-";
  const { value, standardError } = estimate;
  if (standardError === null) return formatFactor(value);
  // Below float64's rounding of a logarithm an error is none.
  const error = standardError < 1e-12 * value ? "0" : standardError.toPrecision(1);
  return `${formatFactor(value)} ± ${error}`;
}

function growthText(series: Series | undefined, direction: Direction): string {
  if (series === undefined) return "-";
  const { factor, overall } = growthOf(series.seeds, direction);
  return formatEstimate(factor ?? overall);
}

function theoryText(theory: TheoryGrowth | undefined): string {
  if (theory === undefined) return "-";
  const factor = formatFactor(theory.predicted);
  return theory.statistic === "variance" ? factor : `${factor} ${statisticWords[theory.statistic]}`;
}

const marks = { good: "✓", warning: "!", bad: "✗" } as const;

/** The verdict in a word or two, as growth stands in its own column: `✗ explodes`. */
function shortVerdict(verdict: Verdict | undefined): string {
  if (verdict === undefined) return "-";
  const [words = ""] = verdict.statement.split(/ (?:x[\d.]|forward|backward|\()/);
  return `${marks[verdict.level]} ${words}`;
}

function half(
  series: Series | undefined,
  direction: Direction,
  theory: TheoryGrowth | undefined,
  verdict: Verdict | undefined,
): readonly string[] {
  return [growthText(series, direction), theoryText(theory), shortVerdict(verdict)];
}

/**
 * One line a network: its blocks, and for each direction the growth of the total variance a block
 * with its standard error, the theory's factor (with the statistic it speaks of, where it is not
 * the variance) and the verdict in a word.
 */
export function summaryTable(rows: readonly Joined<PropagationRow>[]): Table {
  const [forward, backward] = [outputSeries(rows, "forward"), outputSeries(rows, "backward")];
  const forwardTheory = theoryGrowths(rows, "forward");
  const backwardTheory = theoryGrowths(rows, "backward");
  const verdicts = propagationVerdicts(rows);
  const lines = forward.map((series) => {
    const { network, seeds } = series;
    const back = backward.find((other) => other.network === network);
    const said = (direction: Direction) =>
      verdicts.find((v) => v.network === network && v.aspect === `variance ${direction}`);
    return [
      network,
      String(seeds[0]?.length ?? 0),
      ...half(series, "forward", forwardTheory.get(network), said("forward")),
      ...half(back, "backward", backwardTheory.get(network), said("backward")),
    ];
  });
  return {
    header: ["network", "blocks", "forward", "theory", "verdict", "backward", "theory", "verdict"],
    rows: lines,
  };
}
