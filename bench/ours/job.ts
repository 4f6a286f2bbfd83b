import type { SafetensorsEntry } from "../../src/core/safetensors.js";

/** Work that our side can do again and again. */
export interface Job {
  /** Outside of the time, before a repetition. */
  prepare?(repetition: number): void;
  /** The timed part; it ends when the numbers are read. */
  run(repetition: number): Promise<void>;
  /** The numbers to compare with the peer's, in PyTorch's layout; not timed. */
  check?(): Promise<readonly SafetensorsEntry[]>;
}
