import { MachineError, StoppedError } from "../../core/errors.js";

/** How a set-up talks and how it is stopped. */
export interface Work {
  /** Tells one line of progress. */
  say(line: string): void;
  readonly signal: AbortSignal;
}

/** Throws `StoppedError` when the user has asked to stop. */
export function checkStopped({ signal }: Work): void {
  if (signal.aborted) throw new StoppedError("setup: stopped; the same command starts it again");
}

/** A failure of the machine, named after the command. */
export function failure(text: string): MachineError {
  return new MachineError(`setup: ${text}`);
}
