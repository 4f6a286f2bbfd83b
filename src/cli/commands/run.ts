import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { messageOf, UserError } from "../../core/errors.js";
import { experimentFlags } from "../analysis-command.js";
import type { Command } from "../command.js";

/** Reads a config file. Throws `UserError` when it cannot be read. */
export function readConfig(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UserError(`${path}: cannot be read (${messageOf(error)})`);
  }
}

/** `isoscope run CONFIG`. */
const command: Command = {
  name: "run",
  usage: "<config.yaml> [options]",
  summary: "run an experiment from a config file; options typed here win over the file",
  flags: experimentFlags,
  examples: [
    ["isoscope run configs/quick-tour.yaml", "the comparison of npm start"],
    [
      "isoscope run configs/papers/civitelli-2021/figure-2.yaml --data cifar10:DIR",
      "a figure of a paper",
    ],
  ],
  run: async (given, terminal) => {
    const [path, ...more] = given.positionals;
    if (path === undefined || more.length > 0) {
      throw new UserError(
        "run: one config file is needed, as in isoscope run configs/quick-tour.yaml",
      );
    }
    const { parseSpec, readSpec } = await import("../../experiment/spec.js");
    const { withFlags } = await import("../spec-arguments.js");
    const { runSpec } = await import("../run-spec.js");
    const { raw, where } = readSpec(readConfig(path), path);
    const spec = parseSpec(withFlags(raw, given), where);
    const name = basename(path).replace(/\.ya?ml$/, "");
    return runSpec(spec, given, terminal, `reports/${name}`);
  },
};

export default command;
