import { StoppedError } from "./errors.js";

/** Throws `StoppedError` when the signal was raised; called between units of work. */
export function checkStop(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new StoppedError("stopped on request: nothing was written, run the same command again");
}
