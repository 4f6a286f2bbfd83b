import type { Estimate } from "../../core/moments.js";
import type { Joined } from "../analysis.js";
import { growthOf } from "./growth.js";
import type { Direction, PropagationRow } from "./propagation-row.js";
import { formatFactor, outputSeries, propagationVerdicts } from "./propagation-verdict.js";
import type { Series } from "./series.js";
import { predictedGrowth } from "./theory-growth.js";

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

function theoryText(series: Series | undefined, direction: Direction): string {
  const predicted = series === undefined ? null : predictedGrowth(series.seeds[0]!, direction);
  return predicted === null ? "-" : formatFactor(predicted);
}

/**
 * One line a network: its blocks, the growth of the total variance a block both ways with standard errors,
 * the theory's factors, and both verdicts.
 */
export function summaryTable(rows: readonly Joined<PropagationRow>[]): TextTable {
  const [forward, backward] = [outputSeries(rows, "forward"), outputSeries(rows, "backward")];
  const verdicts = propagationVerdicts(rows);
  const lines = forward.map((series) => {
    const back = backward.find(({ network }) => network === series.network);
    const said = verdicts.filter(({ network }) => network === series.network);
    return [
      series.network,
      String(series.seeds[0]?.length ?? 0),
      growthText(series, "forward"),
      growthText(back, "backward"),
      `${theoryText(series, "forward")}, ${theoryText(back, "backward")}`,
      said.map(({ statement }) => statement).join("; "),
    ];
  });
  return {
    header: ["network", "blocks", "forward growth", "backward growth", "theory", "verdict"],
    rows: lines,
  };
}
