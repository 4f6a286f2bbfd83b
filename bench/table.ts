import { formatTable } from "../src/cli/table.js";
import type { Ratio, Row } from "./row.js";

function digits(x: number | null, places: number): string {
  return x === null ? "-" : x.toFixed(places);
}

/** Three digits before the point need none behind it. */
function milliseconds(x: number | null): string {
  return x === null ? "-" : x.toFixed(x < 10 ? 2 : x < 100 ? 1 : 0);
}

function small(x: number | null): string {
  return x === null ? "-" : x.toExponential(1);
}

function quietOf({ quiet, reps }: Row): string {
  return quiet === null ? `? of ${reps}` : `${quiet} of ${reps}`;
}

function share({ gflops }: Row, ceiling: number | null): string {
  if (gflops === null || ceiling === null) return "-";
  return `${Math.round((100 * gflops) / ceiling)} %`;
}

/** Rows as a table; `ceiling` in GFLOP/s. */
export function rowTable(rows: readonly Row[], ceiling: number | null): string {
  const memory = rows.some((row) => row.peak_mb !== null);
  const header = ["case", "who", "median ms", "min ms", "quiet", "GFLOP/s", "of ceiling"];
  return formatTable({
    header: [...header, "agreement", ...(memory ? ["peak MB"] : [])],
    rows: rows.map((row) => [
      row.case,
      row.who,
      milliseconds(row.median_ms),
      milliseconds(row.min_ms),
      quietOf(row),
      digits(row.gflops, 1),
      share(row, ceiling),
      small(row.agreement),
      ...(memory ? [digits(row.peak_mb, 0)] : []),
    ]),
  });
}

const againstWords = {
  best: "best peer row",
  tuned: "best with tuned statistics",
  usual: "usual user form",
  plain: "plain form",
  memory: "best peer row's memory",
  ms: "milliseconds",
} as const;

function bound(x: number, places: number): string {
  return Number.isFinite(x) ? x.toFixed(places) : "-";
}

function verdict(value: number, { mustReach, aim }: Ratio["goal"]): string {
  if (!Number.isFinite(mustReach)) return "-";
  if (value <= aim) return "aim reached";
  return value <= mustReach ? "reached" : "MISSED";
}

/** Ratios as a table with their bounds. */
export function ratioTable(ratios: readonly Ratio[]): string {
  return formatTable({
    header: ["case", "ours /", "ratio", "must reach", "aim", "verdict"],
    rows: ratios.map((ratio) => {
      const places = ratio.goal.against === "ms" ? 0 : 2;
      return [
        ratio.case,
        againstWords[ratio.goal.against],
        ratio.value.toFixed(places),
        bound(ratio.goal.mustReach, places),
        bound(ratio.goal.aim, places),
        verdict(ratio.value, ratio.goal),
      ];
    }),
  });
}
