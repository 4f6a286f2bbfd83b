import type { Estimate } from "../../core/moments.js";
import type { Joined } from "../analysis.js";
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

/** A table of text for the terminal. */
export interface TextTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

function formatEstimate(estimate: Estimate | null): string {
  if (estimate === null) return "-";
  const { value, standardError } = estimate;
  if (standardError === null) return formatFactor(value);
  return `${formatFactor(value)} ± ${standardError.toPrecision(1)}`;
}

function growthText(series: Series | undefined, direction: Direction): string {
  if (series === undefined) return "-";
  const { factor, overall } = growthOf(series.seeds, direction);
  return formatEstimate(factor ?? overall);
}

function theoryText(theory: TheoryGrowth | undefined): string {
  if (theory === undefined) return "-";
  const factor = formatFactor(theory.predicted);
  return theory.statistic === "variance"
    ? factor
    : `${factor} (${statisticWords[theory.statistic]})`;
}

/**
 * One line a network: its blocks, the growth of the total variance a block both ways with standard errors,
 * the theory's factors (with the statistic they speak of, where it is not the variance), and both verdicts.
 */
export function summaryTable(rows: readonly Joined<PropagationRow>[]): TextTable {
  const [forward, backward] = [outputSeries(rows, "forward"), outputSeries(rows, "backward")];
  const forwardTheory = theoryGrowths(rows, "forward");
  const backwardTheory = theoryGrowths(rows, "backward");
  const verdicts = propagationVerdicts(rows);
  const lines = forward.map((series) => {
    const back = backward.find(({ network }) => network === series.network);
    const said = verdicts.filter(({ network }) => network === series.network);
    return [
      series.network,
      String(series.seeds[0]?.length ?? 0),
      growthText(series, "forward"),
      growthText(back, "backward"),
      [forwardTheory, backwardTheory]
        .map((theory) => theoryText(theory.get(series.network)))
        .join(", "),
      said.map(({ statement }) => statement).join("; "),
    ];
  });
  return {
    header: ["network", "blocks", "forward growth", "backward growth", "theory", "verdict"],
    rows: lines,
  };
}
