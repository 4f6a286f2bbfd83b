import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exitCodes, IsoscopeError, UserError } from "../src/core/errors.js";
import { didYouMean } from "../src/core/suggest.js";
import type { Agreement } from "./agreement.js";
import { casesOf } from "./cases.js";
import type { Opener, Outcome } from "./contest.js";
import { runCase } from "./contest.js";
import { ratiosOf } from "./goals.js";
import type { Occasion } from "./history.js";
import { record } from "./history.js";
import type { Ceiling, Machine } from "./machine.js";
import { askMachine } from "./machine.js";
import type { Options } from "./options.js";
import { help, readOptions } from "./options.js";
import { oursProgram, peerProgram } from "./peer.js";
import { machineName } from "./processor.js";
import type { Ratio, Row } from "./row.js";
import { lineOf, rowOf } from "./row.js";
import { startSide } from "./side.js";
import { ratioTable, rowTable } from "./table.js";
import type { Case, Contender, JobName, Work } from "./work.js";

/** Where the program runs and what it writes to. */
export interface Surroundings {
  /** The checkout. */
  readonly root: string;
  /** The compiled `ours.js`. */
  readonly script: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  out(text: string): void;
  err(text: string): void;
}

/** Largest relative difference of both sides that rounding explains, by work. */
const allowed: Readonly<Record<Work["job"], number>> = {
  // A variance differs by the sign of a few values near zero, which ReLU turns into a step.
  propagation: 1e-4,
  // Sums of a bias's gradient cancel behind batch norm: PyTorch's two layouts differ by 1e-2.
  training: 3e-2,
  convolution: 1e-5,
  chain: 0,
  normals: 0,
  // Sums in another order, and the few roundings more of fewer multiplications.
  rewrite: 1e-5,
};

/** The peer uses a GPU when ours is asked to. */
function deviceOf({ backends: [backend] }: Options): string {
  return backend === "cuda" || backend === "webgpu" ? "cuda" : "cpu";
}

function opener(options: Options, around: Surroundings): Opener {
  const { threads, backends } = options;
  const { root, script, environment } = around;
  return async (contender) => {
    const ours = contender.side === "ours";
    const side = startSide(
      ours ? oursProgram(script, environment) : peerProgram(root, threads, environment),
    );
    const on = ours ? { backend: contender.backend ?? backends[0] } : { device: deviceOf(options) };
    try {
      await side.ask({ do: "start", threads, ...on });
    } catch (thrown) {
      await side.close();
      throw thrown;
    }
    return side;
  };
}

function chosenCases(options: Options): readonly (readonly [JobName, Case])[] {
  const all = options.jobs.flatMap((job) =>
    casesOf(job, options.quick).map((row): readonly [JobName, Case] => [job, row]),
  );
  const known = all.map(([, { name }]) => name);
  const unknown = options.cases?.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const hint = didYouMean(unknown, known);
    throw new UserError(`bench: unknown case "${unknown}"; allowed: ${known.join(", ")}${hint}`);
  }
  return all
    .filter(([, { name }]) => options.cases?.includes(name) ?? true)
    .map(([job, row]): readonly [JobName, Case] => [job, withSides(row, options)])
    .filter(([, row]) => row.contenders.length > 0);
}

/** The contenders that take part; ours once for every backend that was named, unless it has one. */
function withSides(row: Case, { only, backends }: Options): Case {
  const beside = backends.slice(1).map((backend): Contender => {
    const who = `ours on ${backend}`;
    return { who, side: "ours", backend, role: "extra" };
  });
  const all = row.contenders.flatMap((one) =>
    one.role === "ours" && one.backend === undefined ? [one, ...beside] : [one],
  );
  return { ...row, contenders: all.filter(({ side }) => only === undefined || side === only) };
}

function version(root: string): string {
  return (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string })
    .version;
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "isoscope-bench-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function describeAgreement(row: Case, agreement: Agreement | null): string {
  if (agreement === null) return "";
  const most = allowed[row.work.job];
  const { difference, name } = agreement;
  const said = `largest relative difference ${difference.toExponential(1)} (${name})`;
  return difference <= most ? said : `NUMBERS DIFFER: ${said}; allowed: ${most}`;
}

function tenths(x: number): number {
  return Math.round(10 * x) / 10;
}

/** `runs 1, compiled 0, nodes 216, ...` of one repetition of ours. */
function describeCounters(counters: Outcome["counters"]): string {
  if (counters === null) return "";
  const parts = Object.entries(counters).map(([name, value]) => `${name} ${tenths(Number(value))}`);
  return `ours, once: ${parts.join(", ")}`;
}

/** One case with a line before and after it on stderr. */
async function announced(
  [job, row]: readonly [JobName, Case],
  options: Options,
  around: Surroundings,
  open: Opener,
): Promise<Outcome> {
  const names = row.contenders.map(({ who }) => who).join(", ");
  around.err(`${job} ${row.name}: ${names}`);
  const plan = { reps: options.reps, longestWait: options.wait * 1000 };
  const { counters } = options;
  const outcome = await inFolder((folder) => runCase({ job, row, plan, counters, open, folder }));
  const said = [describeAgreement(row, outcome.agreement), describeCounters(outcome.counters)];
  for (const line of said.filter((text) => text !== "")) around.err(`${job} ${row.name}: ${line}`);
  return outcome;
}

function ceilingRow({ gflops, of }: Ceiling): Row {
  const summary = { median: 1, min: 1, quiet: null, reps: 0 };
  const named = rowOf({ job: "machine", case: "ceiling", who: of }, summary, null, null);
  return { ...named, median_ms: null, min_ms: null, gflops };
}

function printTables(
  rows: readonly Row[],
  ratios: readonly Ratio[],
  ceiling: Ceiling | null,
  { out }: Surroundings,
): void {
  out(`${rowTable(rows, ceiling?.gflops ?? null)}\n`);
  if (ratios.length > 0) out(`\n${ratioTable(ratios)}\n`);
}

function title(options: Options, { peer, ceiling }: Machine): string {
  const limit =
    ceiling === null ? "" : `; ceiling ${ceiling.gflops.toFixed(0)} GFLOP/s (${ceiling.of})`;
  const ours = `ours on ${options.backends.join(", ")}`;
  return `${machineName()}; ${options.threads} threads; ${ours}; peer ${peer}${limit}`;
}

/** What the cases gave; `failure` is what ended them early. */
interface Results {
  readonly rows: Row[];
  readonly ratios: Ratio[];
  agree: boolean;
  failure: unknown;
}

/** Runs the cases in order; one that fails ends them, but not what was found before. */
async function runAll(options: Options, around: Surroundings, open: Opener): Promise<Results> {
  const found: Results = { rows: [], ratios: [], agree: true, failure: undefined };
  try {
    for (const [job, row] of chosenCases(options)) {
      const outcome = await announced([job, row], options, around, open);
      if (options.json) for (const one of outcome.rows) around.out(`${lineOf(one)}\n`);
      found.rows.push(...outcome.rows);
      found.ratios.push(...ratiosOf(job, row, outcome.rows));
      found.agree &&= (outcome.agreement?.difference ?? 0) <= allowed[row.work.job];
    }
  } catch (thrown) {
    found.failure = thrown;
  }
  return found;
}

async function run(options: Options, around: Surroundings): Promise<number> {
  const everyone = chosenCases(options).flatMap(([, { contenders }]) => contenders);
  const open = opener(options, around);
  const machine = await askMachine(everyone, open, options);
  const { ceiling, peer } = machine;
  if (options.json && ceiling !== null) around.out(`${lineOf(ceilingRow(ceiling))}\n`);
  if (!options.json) around.out(`${title(options, machine)}\n\n`);
  const { rows, ratios, agree, failure } = await runAll(options, around, open);
  if (!options.json && rows.length > 0) printTables(rows, ratios, ceiling, around);
  if (failure !== undefined) throw failure;
  if (options.record) recordRatios(ratios, peer, options, around);
  return agree ? exitCodes.done : exitCodes.notVerified;
}

function recordRatios(
  ratios: readonly Ratio[],
  peer: string,
  { backends, threads }: Options,
  { root }: Surroundings,
): void {
  const occasion: Occasion = {
    version: version(root),
    date: new Date().toISOString().slice(0, 10),
    machine: machineName(),
    backend: backends[0]!,
    threads,
    peer,
  };
  record(join(root, "bench", "history.jsonl"), ratios, occasion);
}

/** The bench as a program; resolves to its exit code. */
export async function main(words: readonly string[], around: Surroundings): Promise<number> {
  try {
    const options = readOptions(words);
    if (options !== "help") return await run(options, around);
    around.out(help);
    return exitCodes.done;
  } catch (thrown) {
    if (!(thrown instanceof IsoscopeError)) throw thrown;
    around.err(thrown.message);
    return thrown.exitCode;
  }
}
