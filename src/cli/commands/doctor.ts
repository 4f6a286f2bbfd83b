import type { Table } from "../../analyses/analysis.js";
import { exitCodes } from "../../core/errors.js";
import { toJson } from "../../core/json.js";
import type { Arguments, Command } from "../command.js";
import type { Finding } from "../doctor/finding.js";
import { formatTable } from "../table.js";
import type { Terminal } from "../terminal.js";

/** What must work for the main job. */
const necessary = ["backend onnx", "charts"];

async function everything(quick: boolean, { note }: Terminal): Promise<readonly Finding[]> {
  const { backendNames } = await import("../../engine/index.js");
  const { backendFinding } = await import("../doctor/backends.js");
  const { chartsFinding } = await import("../doctor/charts.js");
  const { machineFinding } = await import("../doctor/machine.js");
  const findings: Finding[] = [machineFinding()];
  for (const name of backendNames) {
    if (!quick) note(`checking the backend ${name} ...`);
    findings.push(await backendFinding(name, quick));
  }
  return [...findings, await chartsFinding()];
}

function tableOf(findings: readonly Finding[]): Table {
  return {
    header: ["what", "state", "detail", "needs"],
    rows: findings.map(({ what, state, detail, needs }) => [what, state, detail, needs ?? ""]),
  };
}

async function engineReports({ note }: Terminal): Promise<readonly string[]> {
  note("measuring a ResNet-18 for what the engine does ...");
  const { engineLines } = await import("../doctor/engine.js");
  return engineLines();
}

async function run(given: Arguments, terminal: Terminal): Promise<number> {
  const { engineVersions } = await import("../../engine/index.js");
  const findings = await everything(given.on("quick"), terminal);
  const versions = await engineVersions();
  const versionLine = Object.entries(versions)
    .map(([name, v]) => `${name} ${v}`)
    .join(", ");
  const engine = given.on("engine") ? await engineReports(terminal) : [];
  const table = formatTable(tableOf(findings), terminal.width);
  terminal.out(
    terminal.json
      ? toJson({ schemaVersion: 1, findings, versions, engine })
      : [table, "", versionLine, ...engine].join("\n"),
  );
  const needed = findings.filter(({ what }) => necessary.includes(what));
  return needed.every(({ state }) => state === "works") ? exitCodes.done : exitCodes.machine;
}

/** `isoscope doctor`. */
const command: Command = {
  name: "doctor",
  usage: "[--quick] [--engine]",
  summary: "check what this machine can do: engines and their speed, memory, charts",
  flags: {
    quick: { type: "boolean", describe: "no check of speed, which takes some seconds a backend" },
    engine: { type: "boolean", describe: "graphs, times and bytes of one signal-propagation plot" },
  },
  examples: [
    ["isoscope doctor", "works / missing, with the reason, what each needs, and GFLOP/s"],
    ["isoscope doctor --quick --engine", "what the engine does for a plot of a ResNet-18"],
    ["isoscope doctor --quick --json", "the same without speeds, for scripts"],
  ],
  run,
};

export default command;
