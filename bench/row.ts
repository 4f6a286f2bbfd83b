import { toJson } from "../src/core/json.js";
import type { Summary } from "./statistics.js";
import type { Goal } from "./work.js";

/** One line of results. Times are milliseconds, memory is MB (10^6 bytes). */
export interface Row {
  readonly job: string;
  readonly case: string;
  readonly who: string;
  readonly median_ms: number | null;
  readonly min_ms: number | null;
  /** Repetitions on a quiet machine; null where the machine does not tell. */
  readonly quiet: number | null;
  readonly reps: number;
  /** At the median; null where the work is not counted in operations. */
  readonly gflops: number | null;
  /** Largest relative difference of ours and the peer's numbers; null where not compared. */
  readonly agreement: number | null;
  readonly peak_mb: number | null;
}

/** A ratio with its bounds. */
export interface Ratio {
  readonly job: string;
  readonly case: string;
  readonly goal: Goal;
  readonly value: number;
}

function rounded(x: number): number {
  return Number(x.toPrecision(6));
}

/** A row from what was measured; `flops` of one repetition. */
export function rowOf(
  name: Pick<Row, "job" | "case" | "who">,
  summary: Summary,
  flops: number | null,
  agreement: number | null,
  peak: number | null = null,
): Row {
  return {
    ...name,
    median_ms: rounded(summary.median),
    min_ms: rounded(summary.min),
    quiet: summary.quiet,
    reps: summary.reps,
    gflops: flops === null ? null : rounded(flops / summary.median / 1e6),
    agreement: agreement === null ? null : rounded(agreement),
    peak_mb: peak === null ? null : rounded(peak),
  };
}

/** One line of JSON. */
export function lineOf(row: Row): string {
  return toJson(row);
}
