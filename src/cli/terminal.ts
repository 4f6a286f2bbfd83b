import pc from "picocolors";

/** Where words go: results to `out`, everything else to `note`. */
export interface Terminal {
  /** A person is reading stderr. */
  readonly interactive: boolean;
  /** Columns of stdout; no bound in a pipe. */
  readonly width: number;
  readonly quiet: boolean;
  readonly json: boolean;
  /** Raised by the first Ctrl-C or a termination signal. */
  readonly signal: AbortSignal;
  out(text: string): void;
  note(text: string): void;
}

/** Colours that NO_COLOR, FORCE_COLOR and pipes decide about. */
export const colours = {
  good: pc.green,
  warning: pc.yellow,
  bad: pc.red,
  strong: pc.bold,
  weak: pc.dim,
};

/** The terminal of this program. */
export function openTerminal(
  given: { quiet: boolean; json: boolean },
  signal: AbortSignal,
): Terminal {
  return {
    interactive: process.stderr.isTTY === true,
    width: process.stdout.columns ?? Number.POSITIVE_INFINITY,
    quiet: given.quiet,
    json: given.json,
    signal,
    out: (text) => void process.stdout.write(`${text}\n`),
    note: (text) => {
      if (!given.quiet) process.stderr.write(`${text}\n`);
    },
  };
}
