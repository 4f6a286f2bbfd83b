import { parseArgs } from "node:util";
import { messageOf, UserError } from "../src/core/errors.js";
import { didYouMean } from "../src/core/suggest.js";
import { processors } from "./processor.js";
import type { JobName } from "./work.js";
import { jobNames, jobsWithoutPeer } from "./work.js";

/** What the command line asks for. */
export interface Options {
  readonly jobs: readonly JobName[];
  readonly only: "ours" | "peer" | undefined;
  /** All cases when absent. */
  readonly cases: readonly string[] | undefined;
  readonly reps: number;
  readonly threads: number;
  /** Of ours: the first takes part in ratios, others are shown beside it. */
  readonly backends: readonly string[];
  /** Seconds that a case may wait for quiet repetitions. */
  readonly wait: number;
  readonly quick: boolean;
  readonly json: boolean;
  readonly record: boolean;
  /** Whether to say what the engine did in one repetition. */
  readonly counters: boolean;
}

/** Backends of ours that can be asked for. */
export const backends = ["onnx", "tensorflow", "wasm", "webgpu", "cuda", "cpu"] as const;

/** What `--help` prints. */
export const help = `npm run bench -- [JOB ...] [options]

Times this project and PyTorch in turn, repetition by repetition, and checks in the same run that
both compute the same numbers. PyTorch is set up by: bash bench/setup.sh

Jobs (all but engine and rewrites unless named):
  spp       signal propagation of ResNet-50 and ResNet-18: again with new data, with newly drawn
            weights, and the peak of memory
  train     one training step of ResNet-20 and ResNet-18 with batch norm
  conv      3x3 convolutions: forward, by the input (dx), by the filters (dw)
  random    a draw of 11 million normal numbers
  engine    convolutions on each backend of this project; no peer
  rewrites  what our engine writes otherwise than it was asked to, against the plain form of the
            same computation; no peer

Options:
  --only ours|peer   one side alone
  --cases A,B        these cases alone
  --reps N           quiet repetitions of everything (7)
  --wait S           seconds that a case may wait for a quiet machine (120)
  --threads N        threads of both sides (${processors} here)
  --backend A,B      of ours: ${backends.join(", ")} (onnx); all but the
                     first are shown beside it; with cuda and webgpu first, PyTorch runs on the
                     GPU, if it finds one
  --quick            tiny cases that take seconds, to try the bench itself
  --json             one JSON line a row: {job, case, who, median_ms, min_ms, quiet, reps, gflops,
                     agreement, peak_mb}
  --counters         what our engine did in one repetition: graphs, nodes, milliseconds, bytes
  --record           append the ratios to bench/history.jsonl
  --help             this text

A repetition is quiet when other programs use less than 8 % of the machine during it.
Exit codes: 0 done, 2 bad input, 4 the numbers of both sides, or forms, differ, 5 a side cannot
run.
`;

function parsed(words: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  return parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      only: text,
      cases: text,
      reps: { ...text, default: "7" },
      wait: { ...text, default: "120" },
      threads: { ...text, default: String(processors) },
      backend: { ...text, default: "onnx" },
      quick: flag,
      json: flag,
      record: flag,
      counters: flag,
      help: flag,
    },
  });
}

function whole(name: string, came: string, least: number): number {
  const n = Number(came);
  if (Number.isInteger(n) && n >= least && n <= 100_000) return n;
  throw new UserError(`bench: --${name} ${came}; allowed: a whole number from ${least}`);
}

function oneOf<T extends string>(what: string, came: string, known: readonly T[]): T {
  const found = known.find((name) => name === came);
  if (found !== undefined) return found;
  const allowed = known.join(", ");
  throw new UserError(`bench: ${what} "${came}"; allowed: ${allowed}${didYouMean(came, known)}`);
}

function jobsOf(words: readonly string[]): readonly JobName[] {
  const asked = words.map((word) => oneOf("unknown job", word, jobNames));
  if (asked.length > 0) return [...new Set(asked)];
  return jobNames.filter((name) => !jobsWithoutPeer.includes(name));
}

/** What node:util says of an unknown option, on one line and without its advice. */
function firstSentence(thrown: unknown): string {
  return messageOf(thrown).split(/\.\s|\n/)[0]!;
}

function checkTogether({ only, quick, record }: Options): void {
  if (record && (only !== undefined || quick)) {
    throw new UserError("bench: --record; allowed: with both sides and without --quick");
  }
}

/** Reads the command line; `help` when that is asked. Throws `UserError` on anything unknown. */
export function readOptions(words: readonly string[]): Options | "help" {
  let given: ReturnType<typeof parsed>;
  try {
    given = parsed(words);
  } catch (thrown) {
    throw new UserError(`bench: ${firstSentence(thrown)}; see --help`);
  }
  const { values, positionals } = given;
  if (values.help) return "help";
  const options: Options = {
    jobs: jobsOf(positionals),
    only:
      values.only === undefined
        ? undefined
        : oneOf("--only", values.only, ["ours", "peer"] as const),
    cases: values.cases?.split(","),
    reps: whole("reps", values.reps, 1),
    wait: whole("wait", values.wait, 0),
    threads: whole("threads", values.threads, 1),
    backends: values.backend.split(",").map((name) => oneOf("--backend", name, backends)),
    quick: values.quick,
    json: values.json,
    record: values.record,
    counters: values.counters,
  };
  checkTogether(options);
  return options;
}
