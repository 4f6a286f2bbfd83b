import { appendFileSync } from "node:fs";
import { toJson } from "../src/core/json.js";
import type { Ratio } from "./row.js";

/** What a ratio was measured with. */
export interface Occasion {
  readonly version: string;
  /** `2026-11-24`. */
  readonly date: string;
  readonly machine: string;
  readonly backend: string;
  readonly threads: number;
  /** `PyTorch 2.15.0`. */
  readonly peer: string;
}

/** Lines of the history file: one a ratio. */
export function historyLines(ratios: readonly Ratio[], occasion: Occasion): readonly string[] {
  return ratios.map(({ job, case: name, goal, value }) =>
    toJson({
      ...occasion,
      job,
      case: name,
      against: goal.against,
      ratio: Number(value.toPrecision(4)),
    }),
  );
}

/** Appends to the history file, which is kept with the sources. */
export function record(file: string, ratios: readonly Ratio[], occasion: Occasion): void {
  const lines = historyLines(ratios, occasion);
  appendFileSync(file, lines.map((line) => `${line}\n`).join(""));
}
