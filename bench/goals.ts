import type { Ratio, Row } from "./row.js";
import type { Case, Contender, Goal } from "./work.js";

type Quantity = "median_ms" | "peak_mb";

function valuesOf(row: Case, rows: readonly Row[], role: Contender["role"], of: Quantity) {
  const names = row.contenders.filter((one) => one.role === role).map(({ who }) => who);
  return rows
    .filter(({ who }) => names.includes(who))
    .map((one) => one[of])
    .filter((value) => value !== null);
}

/** What ours is divided by; undefined when it was not measured. */
function denominator(row: Case, rows: readonly Row[], { against }: Goal): number | undefined {
  if (against === "ms") return 1;
  const role = against === "memory" ? "best" : against;
  const values = valuesOf(row, rows, role, against === "memory" ? "peak_mb" : "median_ms");
  return values.length === 0 ? undefined : Math.min(...values);
}

/** The ratios of a case, ours / peer: below 1 ours is the quicker, or the smaller. */
export function ratiosOf(job: string, row: Case, rows: readonly Row[]): readonly Ratio[] {
  return row.goals.flatMap((goal) => {
    const of = goal.against === "memory" ? "peak_mb" : "median_ms";
    const [own] = valuesOf(row, rows, "ours", of);
    const peer = denominator(row, rows, goal);
    if (own === undefined || peer === undefined) return [];
    return [{ job, case: row.name, goal, value: own / peer }];
  });
}
