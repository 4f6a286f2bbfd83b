import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { exitCodes, IsoscopeError, messageOf } from "../src/core/errors.js";
import { encodeSafetensors } from "../src/core/safetensors.js";
import { counters, resetCounters } from "../src/engine/evaluation.js";
import { engineVersions, useBackend } from "../src/engine/index.js";
import { ceiling } from "./ours/ceiling.js";
import { chainJob, convolutionJob } from "./ours/convolution.js";
import type { Job } from "./ours/job.js";
import { normalsJob } from "./ours/normals.js";
import { propagationJob } from "./ours/propagation.js";
import { rewriteJob } from "./ours/rewrite.js";
import { trainingJob } from "./ours/training.js";
import type { Answer, Command } from "./side.js";
import type { Work } from "./work.js";

// This project's side of the bench: one JSON command a line on stdin, one JSON answer a line on
// stdout. The commands are those of `peers/peer.py`, and `count`: what the engine does once.

let job: Job | undefined;

function jobOf(work: Work): Job {
  if (work.job === "propagation") return propagationJob(work);
  if (work.job === "training") return trainingJob(work);
  if (work.job === "convolution") return convolutionJob(work);
  if (work.job === "chain") return chainJob(work);
  if (work.job === "rewrite") return rewriteJob(work);
  return normalsJob(work);
}

async function time(
  current: Job,
  repetition: number,
  calls: number,
  who?: string,
): Promise<number> {
  current.prepare?.(repetition);
  const start = performance.now();
  for (let call = 0; call < calls; call++) await current.run(repetition + call, who);
  return (performance.now() - start) / calls;
}

const commands: Readonly<Record<string, (command: Command) => Promise<Answer>>> = {
  start: async ({ backend, threads }) => {
    await useBackend(backend as string, { threads: threads as number });
    return {};
  },
  about: async () => {
    const versions = Object.entries(await engineVersions()).map((pair) => pair.join(" "));
    return { name: `ours (${versions.join(", ")})` };
  },
  prepare: async ({ given }) => {
    job = jobOf(given as Work);
    return {};
  },
  time: async ({ who, repetition, calls }) => ({
    ms: await time(job!, repetition as number, calls as number, who as string),
  }),
  check: async ({ who, file }) => {
    const found = (await job!.check?.(who as string)) ?? [];
    writeFileSync(file as string, encodeSafetensors(found));
    return {};
  },
  count: async () => {
    resetCounters();
    await time(job!, 0, 1);
    return { ...counters() };
  },
  ceiling: async ({ quick }) => ceiling(quick === true),
};

async function answer(command: Command): Promise<Answer> {
  try {
    return await commands[command.do]!(command);
  } catch (thrown) {
    const exitCode = thrown instanceof IsoscopeError ? thrown.exitCode : exitCodes.bug;
    if (exitCode === exitCodes.bug) console.error(thrown);
    return { error: messageOf(thrown).split("\n")[0]!, exitCode };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const answered = await answer(JSON.parse(line) as Command);
  process.stdout.write(`${JSON.stringify(answered)}\n`);
}
