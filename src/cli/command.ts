import type { Terminal } from "./terminal.js";

/** An option of a command; every value arrives as text and is checked by the command. */
export interface Flag {
  readonly describe: string;
  readonly type: "string" | "boolean" | "list";
  /** Shown in help; the schema or the command applies it. */
  readonly default?: string;
  readonly choices?: readonly string[];
}

/** What the user typed after the command's name. */
export interface Arguments {
  readonly positionals: readonly string[];
  /** The text of an option, undefined when it was not typed. */
  text(flag: string): string | undefined;
  list(flag: string): readonly string[];
  on(flag: string): boolean;
}

/** One command of the program; `run` imports what it needs, so that help answers at once. */
export interface Command {
  readonly name: string;
  /** What follows the name, in the notation of help: `<config>`, `[architecture..]`. */
  readonly usage: string;
  readonly summary: string;
  readonly flags: Readonly<Record<string, Flag>>;
  /** Command lines with what each does. */
  readonly examples: readonly (readonly [line: string, does: string])[];
  /** Returns the exit code. */
  run(given: Arguments, terminal: Terminal): Promise<number>;
}
