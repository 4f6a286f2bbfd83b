import { createHash } from "node:crypto";
import type { Joined, Row } from "../analyses/analysis.js";
import { initialize } from "../architectures/parts/network.js";
import { toJson } from "../core/json.js";
import { fold, keyOf } from "../core/random.js";
import { checkStop } from "../core/stop.js";
import { selectBatch } from "../data/parts/batch.js";
import { freeze } from "../engine/evaluation.js";
import * as tf from "../engine/tf.js";
import type { Parameters } from "../layers/layer.js";
import { loadWeights } from "../training/checkpoint.js";
import type { Experiment, Member } from "./experiment.js";

/**
 * Finished parts of an experiment that was stopped; `put` must survive a kill right after it
 * returns.
 */
export interface Finished {
  get(part: string): readonly Joined<Row>[] | undefined;
  put(part: string, rows: readonly Joined<Row>[]): void;
}

/** Called around every part (one network with one seed). */
export interface RunHooks {
  readonly signal?: AbortSignal;
  readonly finished?: Finished;
  started?(label: string, seed: number): void;
  done?(label: string, seed: number): void;
}

/** One network with one seed. */
interface Part {
  readonly member: Member;
  readonly seed: number;
  readonly id: string;
}

function digest(value: unknown): string {
  return createHash("sha256").update(toJson(value)).digest("hex").slice(0, 24);
}

/** Names a part by everything that decides its numbers. */
function partId(experiment: Experiment, member: Member, seed: number, version: string): string {
  const { analysis, settings, backend, batch, weights, data } = experiment;
  const { architecture, options, resolved } = member;
  const hash = data.dataset.hash;
  return digest({
    version,
    analysis,
    settings,
    backend,
    batch,
    weights,
    hash,
    architecture,
    options,
    resolved,
    seed,
  });
}

async function valuesFor(
  experiment: Experiment,
  member: Member,
  seed: number,
): Promise<Parameters> {
  if (experiment.weights !== undefined) return loadWeights(experiment.weights, member.network);
  return initialize(member.network, fold(keyOf(seed), "init"));
}

async function measure(experiment: Experiment, { member, seed }: Part): Promise<Joined<Row>[]> {
  const key = keyOf(seed);
  const parameters = await valuesFor(experiment, member, seed);
  try {
    const batch = selectBatch(
      experiment.data.dataset,
      experiment.batch,
      fold(key, "batch"),
      experiment.data.name,
    );
    // Every pass runs on the same weights, so that graphs may hold them as constants.
    freeze(Object.values(parameters));
    const subject = { network: member.network, parameters, batch };
    const { architecture, options } = member;
    const rows: Joined<Row>[] = [];
    const found = experiment.measurement.measure(
      subject,
      experiment.settings,
      fold(key, "measure"),
    );
    for await (const row of found) rows.push({ architecture, options, seed, ...row });
    return rows;
  } finally {
    tf.dispose(Object.values(parameters));
  }
}

/**
 * Reads the weights once for every network, so that a wrong file is told before anything is
 * written.
 */
export async function checkWeights({ weights, members }: Experiment): Promise<void> {
  if (weights === undefined) return;
  for (const { network } of members) {
    tf.dispose(Object.values(await loadWeights(weights, network)));
  }
}

function partsOf(experiment: Experiment, version: string): readonly Part[] {
  return experiment.members.flatMap((member) =>
    experiment.seeds.map((seed) => ({
      member,
      seed,
      id: partId(experiment, member, seed, version),
    })),
  );
}

/**
 * Measures every network with every seed, in order; equal experiments give equal rows.
 * Throws `StoppedError` between parts when the signal was raised; finished parts are kept by
 * `hooks.finished`.
 */
export async function runExperiment(
  experiment: Experiment,
  version: string,
  hooks: RunHooks = {},
): Promise<readonly Joined<Row>[]> {
  const rows: Joined<Row>[] = [];
  for (const part of partsOf(experiment, version)) {
    await new Promise((resume) => setImmediate(resume)); // lets a signal's handler run
    checkStop(hooks.signal);
    hooks.started?.(part.member.label, part.seed);
    const kept = hooks.finished?.get(part.id);
    const measured = kept ?? (await measure(experiment, part));
    if (kept === undefined) hooks.finished?.put(part.id, measured);
    for (const row of measured) rows.push(row);
    hooks.done?.(part.member.label, part.seed);
  }
  return rows;
}
