import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeSafetensors } from "../src/core/safetensors.js";
import type { Agreement } from "./agreement.js";
import { compare } from "./agreement.js";
import { flopsOf, writeMaterial } from "./material.js";
import { peakOf, watched } from "./processor.js";
import type { Plan } from "./rounds.js";
import { rounds } from "./rounds.js";
import type { Row } from "./row.js";
import { rowOf } from "./row.js";
import type { Answer, Side } from "./side.js";
import type { Repetition } from "./statistics.js";
import { hasQuiet, summarize } from "./statistics.js";
import type { Case, Contender } from "./work.js";

/** Starts a process for a contender. */
export type Opener = (contender: Contender) => Promise<Side>;

/** What the rows of a case are made from. */
export interface Setting {
  readonly job: string;
  readonly row: Case;
  readonly plan: Plan;
  /** Whether ours is asked what its engine did. */
  readonly counters: boolean;
  readonly open: Opener;
  /** An empty folder for weights, images and results. */
  readonly folder: string;
}

/** Untimed repetitions at the start: the first compiles, the second finds its memory. */
const warmUps = 2;

/** A repetition lasts at least this many milliseconds, by calls one after the other. */
const shortest = 150;

/** Repetitions for the peak of memory: the third brings nothing new. */
const memoryRepetitions = 3;

/** A contender in its process. */
interface Runner {
  readonly contender: Contender;
  readonly side: Side;
  /** Calls in one repetition. */
  readonly calls: number;
}

/** One process a side and backend; variants of the peer share one, and forms of ours. */
function processOf({ side, backend }: Contender): string {
  return `${side} ${backend ?? ""}`;
}

async function milliseconds(side: Side, who: string, repetition: number, calls: number) {
  const { ms } = await side.ask({ do: "time", who, repetition, calls });
  return ms as number;
}

async function prepare(setting: Setting, contender: Contender, side: Side, given: unknown) {
  const work = contender.work ?? setting.row.work;
  await side.ask({ do: "prepare", job: work.job, given: contender.side === "ours" ? work : given });
}

/** Work that draws new weights outside of the time does so once a call, hence one call each. */
function drawsAnew({ work }: Case): boolean {
  return work.job === "propagation" && work.draw;
}

async function warm(setting: Setting, contender: Contender, side: Side): Promise<Runner> {
  let ms = 0;
  for (let k = 0; k < warmUps; k++) ms = await milliseconds(side, contender.who, k, 1);
  const calls = drawsAnew(setting.row) ? 1 : Math.max(1, Math.floor(shortest / ms));
  return { contender, side, calls };
}

/**
 * Times one repetition and asks the machine what others did meanwhile; the other side is one of
 * them, as its threads must rest by then.
 */
async function timed({ side, contender, calls }: Runner, repetition: number): Promise<Repetition> {
  const first = warmUps + repetition * calls;
  const run = () => milliseconds(side, contender.who, first, calls);
  const { result: ms, foreign } = await watched([process.pid, side.pid], run);
  return { ms, foreign };
}

async function resultsOf({ side, contender: { who } }: Runner, file: string) {
  await side.ask({ do: "check", who, file });
  return decodeSafetensors(readFileSync(file), file).entries;
}

/** Compares what ours and the peer, or the plain form, compute, where both are there. */
async function agreementOf({ folder }: Setting, runners: readonly Runner[]) {
  const ours = runners.find(({ contender }) => contender.side === "ours");
  const other = runners.find(
    ({ contender: { side, role } }) => side === "peer" || role === "plain",
  );
  if (ours === undefined || other === undefined) return null;
  const own = await resultsOf(ours, join(folder, "ours.safetensors"));
  const others = await resultsOf(other, join(folder, "peer.safetensors"));
  return others.length === 0 ? null : compare(own, others);
}

/** Rows of a case, how far both sides agree, and what our engine did in one repetition. */
export interface Outcome {
  readonly rows: readonly Row[];
  readonly agreement: Agreement | null;
  readonly counters: Answer | null;
}

async function countersOf({ counters }: Setting, runners: readonly Runner[]) {
  const ours = runners.find(({ contender }) => contender.side === "ours");
  return counters && ours !== undefined ? ours.side.ask({ do: "count" }) : null;
}

/** Contenders warm in their processes, which `sides` holds for the caller to close. */
async function runnersOf(setting: Setting, sides: Map<string, Side>, given: unknown) {
  const runners: Runner[] = [];
  for (const contender of setting.row.contenders) {
    const name = processOf(contender);
    const there = sides.get(name);
    const side = there ?? (await setting.open(contender));
    sides.set(name, side);
    if (there === undefined) await prepare(setting, contender, side, given);
    runners.push(await warm(setting, contender, side));
  }
  return runners;
}

async function contest(
  setting: Setting,
  sides: Map<string, Side>,
  given: unknown,
): Promise<Outcome> {
  const { job, row, plan } = setting;
  const runners = await runnersOf(setting, sides, given);
  const agreement = await agreementOf(setting, runners);
  const byName = new Map(runners.map((runner) => [runner.contender.who, runner]));
  const found = await rounds([...byName.keys()], plan, (who, repetition) =>
    timed(byName.get(who)!, repetition),
  );
  const quietOnly = [...found.values()].every(hasQuiet);
  const rows = runners.map(({ contender: { who, work } }) => {
    const flops = flopsOf(work ?? row.work);
    const summary = summarize(found.get(who)!, quietOnly);
    return rowOf({ job, case: row.name, who }, summary, flops, agreement?.difference ?? null);
  });
  return { rows, agreement, counters: await countersOf(setting, runners) };
}

/** One contender alone in a new process, for its peak of memory. */
async function rememberOne(setting: Setting, contender: Contender, given: unknown): Promise<Row> {
  const { job, row } = setting;
  const side = await setting.open(contender);
  try {
    await prepare(setting, contender, side, given);
    const all: Repetition[] = [];
    for (let k = 0; k < memoryRepetitions; k++)
      all.push(await timed({ contender, side, calls: 1 }, k));
    const name = { job, case: row.name, who: contender.who };
    return rowOf(name, summarize(all), flopsOf(row.work), null, peakOf(side.pid));
  } finally {
    await side.close();
  }
}

async function remember(setting: Setting, given: unknown): Promise<Outcome> {
  const rows: Row[] = [];
  for (const contender of setting.row.contenders)
    rows.push(await rememberOne(setting, contender, given));
  return { rows, agreement: null, counters: null };
}

/** Runs one case: every contender warm and in turn, and both sides compared. */
export async function runCase(setting: Setting): Promise<Outcome> {
  const needsPeer = setting.row.contenders.some(({ side }) => side === "peer");
  const given = needsPeer ? writeMaterial(setting.row.work, setting.folder) : undefined;
  if (setting.row.memory) return remember(setting, given);
  const sides = new Map<string, Side>();
  try {
    return await contest(setting, sides, given);
  } finally {
    for (const side of sides.values()) await side.close();
  }
}
