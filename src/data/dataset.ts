import type { Key } from "../core/random.js";
import type { Shape } from "../core/shape.js";

/**
 * What a reader found: raw pixels or numbers before normalisation, row-major `[count, ...shape]`.
 */
export interface Dataset {
  readonly count: number;
  /** `[height, width, channels]`. */
  readonly shape: Shape;
  readonly classes: number;
  readonly labels: Int32Array;
  /** Values of sample `index`, already normalised, written into `out` at `offset`. */
  read(index: number, out: Float32Array, offset: number): void;
  /** How values were normalised, in words with the numbers. */
  readonly normalisation: string;
  /** SHA-256 of what was read, hexadecimal; of the recipe for synthetic data. */
  readonly hash: string;
}

/** What the network or the user asks of a reader. */
export interface DataRequest {
  /** The part after `NAME:`, a path or parameters. */
  readonly argument: string | undefined;
  /** Folder that relative paths start from. */
  readonly folder: string;
  /** Shape the network takes; synthetic readers use it. */
  readonly shape: Shape;
  readonly classes: number;
  readonly key: Key;
  /** How many samples will be read at the most. */
  readonly count: number;
}

/** One source of inputs; a file of this folder exports one as default and is named after it. */
export interface DatasetReader {
  readonly title: string;
  readonly source: string;
  readonly summary: string;
  /** What the argument is, for help: `DIR`, or empty when there is none. */
  readonly argument: string;
  /** Throws `UserError` naming the file, what was found and what is allowed. */
  load(request: DataRequest): Promise<Dataset>;
}

/** A batch as plain arrays: `images` is `[count, ...shape]`. */
export interface Batch {
  readonly count: number;
  readonly shape: Shape;
  readonly images: Float32Array;
  readonly labels: Int32Array;
}
