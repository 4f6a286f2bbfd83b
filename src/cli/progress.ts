import { SingleBar } from "cli-progress";
import type { Terminal } from "./terminal.js";

/** How far a long piece of work is. */
export interface Progress {
  /** Names the work in hand. */
  begin(label: string): void;
  step(label: string): void;
  stop(): void;
}

const silent: Progress = { begin: () => {}, step: () => {}, stop: () => {} };

/** One line a tenth of the work, for logs and pipes. */
function lines(total: number, terminal: Terminal): Progress {
  let done = 0;
  let told = 0;
  return {
    begin: () => {},
    step: (label) => {
      done += 1;
      const tenth = Math.floor((10 * done) / total);
      if (tenth > told) terminal.note(`${done}/${total} ${label}`);
      told = Math.max(told, tenth);
    },
    stop: () => {},
  };
}

/** A bar on stderr for a person, lines for a pipe, nothing when quiet. */
export function openProgress(total: number, terminal: Terminal): Progress {
  if (terminal.quiet) return silent;
  if (!terminal.interactive) return lines(total, terminal);
  const bar = new SingleBar({
    format: "{bar} {value}/{total} {duration_formatted}  {label}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
    etaBuffer: 10,
  });
  bar.start(total, 0, { label: "" });
  return {
    begin: (label) => bar.update({ label }),
    step: (label) => bar.increment(1, { label }),
    stop: () => bar.stop(),
  };
}
