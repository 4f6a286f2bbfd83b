import { backendChoices } from "../engine/backends/catalogue.js";
import type { AnalysisSummary } from "../experiment/summary.js";
import type { Arguments, Command, Flag } from "./command.js";
import type { Terminal } from "./terminal.js";

/** Options of everything that runs an experiment. */
export const experimentFlags: Readonly<Record<string, Flag>> = {
  data: {
    type: "string",
    describe: "NAME or NAME:ARGUMENT, see isoscope list data",
    default: "cifar10-sample",
  },
  batch: { type: "string", describe: "images in a batch", default: "64" },
  seeds: { type: "string", describe: "how many seeds, or the seeds: 5 | 3,7,11", default: "3" },
  backend: {
    type: "string",
    describe: "tensor engine; auto: the quickest one here",
    default: "onnx",
    choices: backendChoices,
  },
  weights: { type: "string", describe: "safetensors file instead of fresh weights" },
  out: { type: "string", describe: "folder of the report", default: "reports/NAME" },
  format: { type: "string", describe: "files to write: html,md,svg,png,vl", default: "all" },
  title: { type: "string", describe: "title of the report" },
  note: { type: "string", describe: "free text under the title" },
  set: { type: "list", describe: "any other setting, key=value; may be repeated" },
  quick: { type: "boolean", describe: "shrink everything to seconds, to see that it works" },
  verbose: { type: "boolean", describe: "say what the engine did: graphs, times, bytes" },
  "dry-run": { type: "boolean", describe: "check, resolve and forecast; measure nothing" },
};

/** The options of an analysis as flags of its command; `--set` takes them too. */
function settingFlags({ options }: AnalysisSummary): Readonly<Record<string, Flag>> {
  const flags = Object.entries(options).map(([name, option]): [string, Flag] => [
    name,
    {
      type: "string",
      describe: `setting: ${option.allowed}`,
      ...(option.default === undefined ? {} : { default: option.default }),
    },
  ]);
  return Object.fromEntries(flags);
}

/** The command of one analysis. */
export function analysisCommand(analysis: AnalysisSummary): Command {
  const { name, summary } = analysis;
  return {
    name,
    usage: "<architecture[:key=value,key=[a,b]]> ... [options]",
    summary,
    flags: { ...experimentFlags, ...settingFlags(analysis) },
    examples: [
      [`isoscope ${name} isonet:depth=56`, "one network on the bundled images"],
      [
        `isoscope ${name} 'convshort:depth=50,init=[ours,brock]' fixup:depth=110`,
        "a comparison, with a grid of options",
      ],
      [
        `isoscope ${name} resnet:depth=50 --data cifar10:DIR --batch 64 --seeds 5 --out reports/x`,
        "your data",
      ],
      [`isoscope ${name} idshort --json > result.json`, "everything as one JSON document"],
    ],
    run: async (given: Arguments, terminal: Terminal) => {
      const { specOfArguments } = await import("./spec-arguments.js");
      const { runSpec } = await import("./run-spec.js");
      const settings = Object.keys(analysis.options);
      return runSpec(specOfArguments(name, settings, given), given, terminal, `reports/${name}`);
    },
  };
}
