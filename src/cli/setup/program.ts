import { spawn } from "node:child_process";
import { checkStopped, type Work } from "./work.js";

/** What a program left; `code` is null when there is no such program or a signal ended it. */
export interface Outcome {
  readonly found: boolean;
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Where and with what a program runs. */
export interface Surroundings {
  readonly cwd?: string;
  /** Added to the variables of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A program and all that it has started; those who have ended are no matter. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGTERM");
  } catch {
    // The group is gone.
  }
}

/**
 * Runs a program without input and keeps its words. It leads a group of its own, so that stopping
 * ends its compilers too.
 * Errors thrown: `StoppedError` when the user stops it.
 */
export async function runProgram(
  command: string,
  words: readonly string[],
  work: Work,
  { cwd, env }: Surroundings = {},
): Promise<Outcome> {
  checkStopped(work);
  const child = spawn(command, words, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const kill = () => killGroup(child.pid);
  process.once("exit", kill);
  work.signal.addEventListener("abort", kill);
  const texts = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (texts.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (texts.err += text));
  try {
    const ended = await new Promise<{ found: boolean; code: number | null }>((resolve) => {
      child.on("error", () => resolve({ found: false, code: null }));
      child.on("close", (code) => resolve({ found: true, code }));
    });
    checkStopped(work);
    return { ...ended, ...texts };
  } finally {
    process.off("exit", kill);
    work.signal.removeEventListener("abort", kill);
  }
}
