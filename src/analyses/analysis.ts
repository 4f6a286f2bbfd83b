import type { Network } from "../architectures/architecture.js";
import type { Key } from "../core/random.js";
import type { ZodType } from "../core/schema.js";
import type { Batch } from "../data/dataset.js";
import type { Parameters } from "../layers/layer.js";

/** A tidy row; non-finite numbers are allowed and written by name. */
export type Row = {
  readonly [column: string]: string | number | boolean | null;
};

/** What is measured: a network with values for its parameters, on a batch. */
export interface Subject {
  readonly network: Network;
  readonly parameters: Parameters;
  readonly batch: Batch;
}

/** The columns that the experiment adds to every row of an analysis. */
export type Joined<R extends Row> = R & {
  readonly architecture: string;
  /** Options that were set, `depth=50,init=brock`; empty when all are defaults. */
  readonly options: string;
  readonly seed: number;
};

/**
 * A chart: a Vega-Lite specification without data, and the function that picks its data from the
 * rows.
 */
export interface Chart<R extends Row = Row> {
  /** File name. */
  readonly name: string;
  readonly title: string;
  /** One sentence that says how to read it. */
  readonly howToRead: string;
  /** Small tidy table; `network` is the column that carries the series name. */
  data(rows: readonly Joined<R>[]): readonly Row[];
  /** Vega-Lite top-level unit, layer or concat specification. */
  spec(data: readonly Row[]): Readonly<Record<string, unknown>>;
}

/** A statement about one network with its number and threshold. */
export interface Verdict {
  readonly network: string;
  readonly aspect: string;
  /** `preserved`, `explodes x1.58 a block`, ... */
  readonly statement: string;
  readonly value: number;
  readonly standardError: number | null;
  readonly threshold: string;
  /** The theory's number beside it, where one is known. */
  readonly predicted: number | null;
  readonly level: "good" | "warning" | "bad";
}

/** A table for terminals and reports: every cell is text. */
export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** One measurement; a file of this folder exports one as default and is named after its command. */
export interface Analysis<O, R extends Row> {
  readonly title: string;
  readonly source: string;
  readonly summary: string;
  /** The question the report opens with. */
  readonly question: string;
  readonly options: ZodType<O>;
  readonly quick: Partial<O>;
  measure(subject: Subject, options: O, key: Key): AsyncIterable<R>;
  /**
   * Bytes that the engine holds at its peak when a batch is measured at once, without computing
   * anything; undefined where the current backend computes every operation by itself.
   */
  forecast?(network: Network, batch: number, options: O): number | undefined;
  readonly charts: readonly Chart<R>[];
  verdicts?(rows: readonly Joined<R>[]): readonly Verdict[];
  /** The answer in a few columns, one line a network. */
  table?(rows: readonly Joined<R>[]): Table;
}
