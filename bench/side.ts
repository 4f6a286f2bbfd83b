import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { exitCodes, MachineError, UserError } from "../src/core/errors.js";

/** A command: what to `do`, and its arguments. */
export type Command = { readonly do: string } & Readonly<Record<string, unknown>>;

/** What a side answers; `error` in one line when it could not. */
export type Answer = Readonly<Record<string, unknown>>;

/** A process that does timed work on request, warm from one request to the next. */
export interface Side {
  readonly pid: number;
  ask(command: Command): Promise<Answer>;
  close(): Promise<void>;
}

/** How to start a side. */
export interface Program {
  /** In errors: `ours`, `PyTorch`. */
  readonly name: string;
  readonly command: string;
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Both sides keep the memory that they free and ask for huge pages: the setting that is best for
 * PyTorch, whose steps otherwise pay for fresh pages again and again.
 */
export const allocator = {
  GLIBC_TUNABLES: "glibc.malloc.hugetlb=1",
  MALLOC_MMAP_THRESHOLD_: "8589934592",
  MALLOC_TRIM_THRESHOLD_: "17179869184",
  MALLOC_TOP_PAD_: "268435456",
} as const;

/** How much of what a side said on stderr is kept for its last line. */
const keptCharacters = 4000;

function checked(name: string, line: string): Answer {
  const answer = JSON.parse(line) as Answer;
  const { error, exitCode } = answer;
  if (typeof error !== "string") return answer;
  const message = `bench: ${name}: ${error}`;
  throw exitCode === exitCodes.badInput ? new UserError(message) : new MachineError(message);
}

/** Starts a side; it must be closed. `ask` throws `MachineError` when the side fails or ends. */
export function startSide({ name, command, words, environment }: Program): Side {
  const child = spawn(command, [...words], { stdio: "pipe", env: environment });
  let said = "";
  child.stderr.on("data", (text) => {
    said = (said + text).slice(-keptCharacters);
  });
  child.stdin.on("error", () => {}); // the end of the process tells more
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<void>((resolve) => {
    child.on("close", () => resolve());
    child.on("error", (error) => {
      said += error.message;
      resolve();
    });
  });
  const death = async (): Promise<MachineError> => {
    await ended;
    const last = said.trim().split("\n").at(-1) || "it said nothing";
    const how = child.signalCode ?? `exit code ${child.exitCode}`;
    return new MachineError(`bench: ${name} ended (${how}): ${last}`);
  };
  return {
    pid: child.pid ?? 0,
    ask: async (request) => {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await lines.next();
      if (done) throw await death();
      return checked(name, value);
    },
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
