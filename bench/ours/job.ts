import type { SafetensorsEntry } from "../../src/core/safetensors.js";

/** Work that our side can do again and again. */
export interface Job {
  /** Outside of the time, before a repetition. */
  prepare?(repetition: number): void;
  /** The timed part; it ends when the numbers are read. `who` names one of several forms. */
  run(repetition: number, who?: string): Promise<void>;
  /** The numbers to compare with the others', in the peer's layout if it has one; not timed. */
  check?(who?: string): Promise<readonly SafetensorsEntry[]>;
}
