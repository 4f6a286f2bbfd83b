import type { Verdict } from "../analyses/analysis.js";
import type { ReportTable } from "./input.js";
import { formatEstimate, formatNumber } from "./numbers.js";

/** Sign and word of a level: the colour never speaks alone. */
export const levelWords: Readonly<Record<Verdict["level"], readonly [sign: string, word: string]>> =
  {
    good: ["✓", "good"],
    warning: ["!", "warning"],
    bad: ["✗", "bad"],
  };

/** Measured and predicted number of a verdict as text. */
export function verdictNumbers(verdict: Verdict): readonly [measured: string, predicted: string] {
  const { value, standardError, predicted } = verdict;
  return [formatEstimate(value, standardError), predicted === null ? "" : formatNumber(predicted)];
}

/**
 * The threshold that all verdicts share, said once instead of in every row; undefined when they
 * differ.
 */
export function sharedThreshold(verdicts: readonly Verdict[]): string | undefined {
  const thresholds = new Set(verdicts.map(({ threshold }) => threshold));
  return thresholds.size === 1 ? [...thresholds][0] : undefined;
}

/** Columns of the verdict table; the last only where thresholds differ. */
export function verdictHeader(verdicts: readonly Verdict[]): readonly string[] {
  const header = ["Network", "Aspect", "Verdict", "Measured", "Predicted"];
  return sharedThreshold(verdicts) === undefined ? [...header, "Threshold"] : header;
}

/** The verdicts as a table of text. */
export function verdictTable(verdicts: readonly Verdict[]): ReportTable {
  const header = verdictHeader(verdicts);
  const rows = verdicts.map((verdict) => {
    const { network, aspect, statement, level, threshold } = verdict;
    const [sign, word] = levelWords[level];
    const cells = [network, aspect, `${sign} ${word}: ${statement}`, ...verdictNumbers(verdict)];
    return [...cells, threshold].slice(0, header.length);
  });
  return { header, rows };
}
