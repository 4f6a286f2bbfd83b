import { join, resolve } from "node:path";
import type { Joined, Row } from "../analyses/analysis.js";
import { formatBytes } from "../core/bytes.js";
import { exitCodes, UserError } from "../core/errors.js";
import { counters } from "../engine/evaluation.js";
import { engineVersions, useBackend } from "../engine/index.js";
import { onEngineWarning } from "../engine/warnings.js";
import type { Experiment } from "../experiment/experiment.js";
import { checkMemory, forecastRun } from "../experiment/forecast.js";
import { recordOf } from "../experiment/record.js";
import { resolveExperiment } from "../experiment/resolve.js";
import { checkWeights, runExperiment } from "../experiment/run.js";
import type { Spec } from "../experiment/spec.js";
import { partialStore, prepareFolder, storeExperiment } from "../experiment/store.js";
import { reportFiles, reportOf } from "../report/from-experiment.js";
import type { Arguments } from "./command.js";
import { engineReport } from "./engine-report.js";
import { version } from "./main.js";
import { openProgress } from "./progress.js";
import { printResult } from "./result.js";
import type { Terminal } from "./terminal.js";

const formats = ["html", "md", "svg", "png", "vl"];

/** The kinds of files asked for; all when nothing was said. Throws `UserError`. */
export function parseFormats(text: string | undefined): readonly string[] {
  if (text === undefined || text === "all") return formats;
  const chosen = text.split(",").map((part) => part.trim());
  const unknown = chosen.find((part) => !formats.includes(part));
  if (unknown === undefined) return chosen;
  throw new UserError(`--format ${unknown}: allowed: ${formats.join(", ")}, all`);
}

/** Says each note once, with the networks it is about. */
function tellNotes({ members }: Experiment, terminal: Terminal): void {
  const about = new Map<string, string[]>();
  for (const { label, network } of members) {
    for (const note of network.notes ?? []) about.set(note, [...(about.get(note) ?? []), label]);
  }
  for (const [note, labels] of about) {
    const [first = "", ...others] = labels;
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    terminal.note(`${first}${more}: ${note}`);
  }
}

async function measure(
  experiment: Experiment,
  folder: string,
  terminal: Terminal,
): Promise<readonly Joined<Row>[]> {
  const progress = openProgress(experiment.members.length * experiment.seeds.length, terminal);
  const unheard = onEngineWarning((text) => terminal.note(text));
  try {
    return await runExperiment(experiment, version(), {
      signal: terminal.signal,
      finished: partialStore(folder),
      started: (label, seed) => progress.begin(`${label} seed ${seed}`),
      done: (label, seed) => progress.step(`${label} seed ${seed}`),
    });
  } finally {
    progress.stop();
    unheard();
  }
}

function printForecast(experiment: Experiment, terminal: Terminal): number {
  for (const member of experiment.members) {
    const bytes = formatBytes(forecastRun(experiment, member));
    terminal.out(`${member.label}: ${experiment.seeds.length} seeds, about ${bytes} of memory`);
  }
  return exitCodes.done;
}

/** Resolves, measures, draws, stores and prints one experiment. */
export async function runSpec(
  spec: Spec,
  given: Arguments,
  terminal: Terminal,
  defaultOut: string,
): Promise<number> {
  const chosen = parseFormats(given.text("format"));
  const around = { folder: process.cwd(), quick: given.on("quick") };
  const experiment = await resolveExperiment(spec, around);
  tellNotes(experiment, terminal);
  if (spec.backend === "auto") terminal.note(`backend: ${experiment.backend}`);
  checkMemory(experiment);
  await useBackend(experiment.backend);
  if (given.on("dry-run")) return printForecast(experiment, terminal);
  await checkWeights(experiment);
  const folder = resolve(given.text("out") ?? defaultOut);
  prepareFolder(folder);
  const rows = await measure(experiment, folder, terminal);
  if (given.on("verbose")) for (const line of engineReport(counters())) terminal.note(line);
  const record = recordOf(experiment, version(), await engineVersions());
  const report = await reportOf(record, rows);
  const files = await reportFiles(report, chosen);
  const written = storeExperiment(folder, { record, rows }, files);
  printResult({ record, rows, report, files: written, page: join(folder, "index.html") }, terminal);
  return exitCodes.done;
}
