import type { Analysis, Row } from "../analyses/analysis.js";
import type { Network } from "../architectures/architecture.js";
import type { Dataset } from "../data/dataset.js";
import type { BackendName } from "../engine/backends/catalogue.js";

/** One network of an experiment. */
export interface Member {
  readonly architecture: string;
  /** The options that were set, `depth=50,init=brock`. */
  readonly options: string;
  /** Series name in tables and charts. */
  readonly label: string;
  /** Every option with its resolved value. */
  readonly resolved: Readonly<Record<string, unknown>>;
  readonly network: Network;
}

/** A fully checked experiment: nothing later looks at names, keys or types. */
export interface Experiment {
  readonly title: string;
  readonly question: string;
  readonly note: string | undefined;
  readonly analysis: string;
  readonly measurement: Analysis<Readonly<Record<string, unknown>>, Row>;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly members: readonly Member[];
  readonly data: { readonly name: string; readonly dataset: Dataset };
  readonly batch: number;
  readonly seeds: readonly number[];
  readonly backend: BackendName;
  readonly weights: string | undefined;
  /** The command that does the same again. */
  readonly command: string;
}

/** The series name of a network: `convshort:depth=50,init=brock`, or the bare name. */
export function labelOf(architecture: string, options: string): string {
  return options === "" ? architecture : `${architecture}:${options}`;
}
