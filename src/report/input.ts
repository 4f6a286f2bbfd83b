import type { Row, Verdict } from "../analyses/analysis.js";
import type { Json } from "../core/json.js";

/** Option names and the values they had. */
export type Options = Readonly<Record<string, Json>>;

/** One network of a report. */
export interface ReportNetwork {
  readonly name: string;
  /** The series name that rows, charts and verdicts carry. */
  readonly label: string;
  /** Every option, defaults filled in. */
  readonly options: Options;
  readonly notes: readonly string[];
}

/** What was run, complete enough to run it again. */
export interface ReportRun {
  /** As a user would type it. */
  readonly command: string;
  readonly networks: readonly ReportNetwork[];
  readonly seeds: readonly number[];
  readonly data: {
    readonly name: string;
    readonly normalisation: string;
    readonly hash: string;
    readonly batch: number;
  };
  readonly backend: { readonly name: string; readonly versions: Readonly<Record<string, string>> };
  readonly analysis: { readonly name: string; readonly options: Options };
  /** Version of isoscope. */
  readonly version: string;
}

/** A chart with its data. */
export interface ReportChart {
  /** File name: lower-case letters, digits and dashes. */
  readonly name: string;
  readonly title: string;
  /** One sentence that says how to read it. */
  readonly howToRead: string;
  readonly data: readonly Row[];
  /** Vega-Lite specification without data. */
  readonly spec: Readonly<Record<string, unknown>>;
}

/** A table of text. */
export interface ReportTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Everything a report shows; equal inputs give equal bytes. */
export interface ReportInput {
  readonly title: string;
  readonly question: string;
  /** Free text of the user. */
  readonly note?: string;
  readonly run: ReportRun;
  readonly verdicts: readonly Verdict[];
  readonly charts: readonly ReportChart[];
  readonly summary: ReportTable;
}
