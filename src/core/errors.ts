/** Exit codes of the program; every failure is one of these. */
export const exitCodes = {
  done: 0,
  badInput: 2,
  someFailed: 3,
  notVerified: 4,
  machine: 5,
  bug: 70,
  stopped: 75,
} as const;

/**
 * A failure that has one clear line for the user: where, what came, what is allowed, what to do.
 * Everything that is not an `IsoscopeError` is a bug of ours and the only failure with a stack
 * trace.
 */
export abstract class IsoscopeError extends Error {
  abstract readonly exitCode: number;
}

/** Something a user typed, named or gave is wrong; nothing was changed. */
export class UserError extends IsoscopeError {
  override readonly name = "UserError";
  readonly exitCode = exitCodes.badInput;
}

/** The machine cannot do what was asked: memory, disk, a missing engine. */
export class MachineError extends IsoscopeError {
  override readonly name = "MachineError";
  readonly exitCode = exitCodes.machine;
}

/** The work was stopped on request and can be resumed or repeated. */
export class StoppedError extends IsoscopeError {
  override readonly name = "StoppedError";
  readonly exitCode = exitCodes.stopped;
}

/** The text of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
