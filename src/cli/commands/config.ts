import { exitCodes, UserError } from "../../core/errors.js";
import { toJson } from "../../core/json.js";
import type { Command } from "../command.js";
import { readConfig } from "./run.js";

/** `isoscope config [FILE]`: the resolved config, or its schema. */
const command: Command = {
  name: "config",
  usage: "[config.yaml] [options]",
  summary: "check a config and print it with every default and option resolved",
  flags: {
    schema: { type: "boolean", describe: "print the JSON Schema of config files instead" },
    set: { type: "list", describe: "a setting over the file, key=value; may be repeated" },
  },
  examples: [
    ["isoscope config configs/quick-tour.yaml", "every value that will be used"],
    ["isoscope config --schema > isoscope.schema.json", "completion in editors"],
  ],
  run: async (given, terminal) => {
    const { parseSpec, readSpec, specSchema } = await import("../../experiment/spec.js");
    if (given.on("schema")) {
      const { z } = await import("../../core/schema.js");
      terminal.out(toJson(z.toJSONSchema(specSchema, { io: "input" }), 2));
      return exitCodes.done;
    }
    const [path] = given.positionals;
    if (path === undefined) throw new UserError("config: a file or --schema is needed");
    const { withSettings } = await import("../spec-arguments.js");
    const { resolveExperiment } = await import("../../experiment/resolve.js");
    const { recordOf } = await import("../../experiment/record.js");
    const { toYaml } = await import("../../experiment/yaml.js");
    const { version } = await import("../main.js");
    const { raw, where } = readSpec(readConfig(path), path);
    const spec = parseSpec(withSettings(raw, given.list("set")), where);
    const experiment = await resolveExperiment(spec, { folder: process.cwd(), quick: false });
    const record = recordOf(experiment, version(), {});
    terminal.out(terminal.json ? toJson(record) : toYaml(record).trimEnd());
    return exitCodes.done;
  },
};

export default command;
