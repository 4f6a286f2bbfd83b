import type { Joined, Row, Verdict } from "../analyses/analysis.js";
import { toJson } from "../core/json.js";
import type { ExperimentRecord } from "../experiment/record.js";
import type { Report } from "../report/from-experiment.js";
import { formatTable } from "./table.js";
import type { Terminal } from "./terminal.js";
import { colours } from "./terminal.js";

/** What a finished experiment has to say. */
export interface Result {
  readonly record: ExperimentRecord;
  readonly rows: readonly Joined<Row>[];
  readonly report: Report;
  /** Paths that were written. */
  readonly files: readonly string[];
  readonly page: string;
}

const marks = { good: "✓", warning: "!", bad: "✗" };
const paint: Readonly<Record<string, (text: string) => string>> = {
  [marks.good]: colours.good,
  [marks.warning]: colours.warning,
  [marks.bad]: colours.bad,
};

/** Colours every verdict of a laid-out text: a mark and the words up to the next column. */
function paintVerdicts(text: string): string {
  return text.replace(/([✓!✗]) \S+(?: \S+)*/g, (verdict, mark: string) => paint[mark]!(verdict));
}

function verdictLine({ network, statement, level }: Verdict): string {
  return `${marks[level]} ${statement}  ${network}`;
}

function words({ report, page, files }: Result, width: number): string {
  const { table, verdicts } = report;
  const answer =
    table === undefined ? verdicts.map(verdictLine).join("\n") : formatTable(table, width);
  const written = files.includes(page) ? page : (files[0] ?? page);
  return `${paintVerdicts(answer)}\n\nreport: ${written}`;
}

/** Prints the answer: a table and the report's path, or one JSON document. */
export function printResult(result: Result, terminal: Terminal): void {
  const { record, rows, report, files } = result;
  const document = {
    schemaVersion: 1,
    command: record.command,
    config: record,
    rows,
    verdicts: report.verdicts,
    files,
  };
  terminal.out(terminal.json ? toJson(document) : words(result, terminal.width));
}
