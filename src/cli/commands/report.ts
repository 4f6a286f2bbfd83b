import { join, resolve } from "node:path";
import { exitCodes, UserError } from "../../core/errors.js";
import type { Command } from "../command.js";

/** `isoscope report DIR`. */
const command: Command = {
  name: "report",
  usage: "<folder> [options]",
  summary: "draw a finished experiment again from its rows, without measuring",
  flags: {
    format: { type: "string", describe: "files to write: html,md,svg,png,vl", default: "all" },
  },
  examples: [["isoscope report reports/spp", "after an update, or with other formats"]],
  run: async (given, terminal) => {
    const [path, ...more] = given.positionals;
    if (path === undefined || more.length > 0) {
      throw new UserError("report: one folder is needed, as in isoscope report reports/spp");
    }
    const { readExperiment, storeExperiment } = await import("../../experiment/store.js");
    const { parseRecord } = await import("../../experiment/record.js");
    const { reportFiles, reportOf } = await import("../../report/from-experiment.js");
    const { parseFormats } = await import("../run-spec.js");
    const { printResult } = await import("../result.js");
    const chosen = parseFormats(given.text("format"));
    const folder = resolve(path);
    const stored = readExperiment(folder);
    const record = parseRecord(stored.record, join(path, "experiment.json"));
    const report = await reportOf(record, stored.rows);
    const files = storeExperiment(folder, stored, await reportFiles(report, chosen));
    printResult(
      { record, rows: stored.rows, report, files, page: join(folder, "index.html") },
      terminal,
    );
    return exitCodes.done;
  },
};

export default command;
