import { exitCodes, UserError } from "../../core/errors.js";
import { toJson } from "../../core/json.js";
import { didYouMean } from "../../core/suggest.js";
import { setupFolder } from "../../engine/cache-folder.js";
import type { Arguments, Command } from "../command.js";
import { isSetUp, type Setup, setups } from "../setup/setups.js";
import { formatTable } from "../table.js";
import type { Terminal } from "../terminal.js";

const stateOf = (setup: Setup) => (isSetUp(setup) ? "set up" : "not set up");

function list(terminal: Terminal): number {
  const rows = setups.map((setup) => ({
    setup: setup.words,
    is: setup.is,
    state: stateOf(setup),
    folder: setupFolder(setup.name),
  }));
  const header = ["setup", "is", "state", "folder"] as const;
  const table = { header, rows: rows.map((row) => header.map((name) => row[name])) };
  terminal.out(
    terminal.json ? toJson({ schemaVersion: 1, setups: rows }) : formatTable(table, terminal.width),
  );
  return exitCodes.done;
}

const kinds = ["tensorflow", "cuda"];

function wanted(given: Arguments): Setup {
  const [kind = "", ...more] = given.positionals;
  if (!kinds.includes(kind)) {
    throw new UserError(
      `setup: unknown "${kind}"${didYouMean(kind, kinds)}; allowed: ${kinds.join(", ")}`,
    );
  }
  if (more.length > 0) throw new UserError(`setup: one at a time; ${more.join(" ")} is too much`);
  const words = given.on("gpu") ? `${kind} --gpu` : kind;
  const found = setups.find((setup) => setup.words === words);
  if (found !== undefined) return found;
  throw new UserError(`setup: --gpu belongs to tensorflow; ${kind} always means the GPU`);
}

function tell(setup: Setup, line: string, terminal: Terminal): number {
  const { name } = setup;
  terminal.out(
    terminal.json
      ? toJson({ schemaVersion: 1, setup: name, folder: setupFolder(name), detail: line })
      : `${setup.words}: ${line}`,
  );
  return exitCodes.done;
}

async function run(given: Arguments, terminal: Terminal): Promise<number> {
  if (given.positionals.length === 0 && !given.on("gpu") && !given.on("force")) {
    return list(terminal);
  }
  const setup = wanted(given);
  const work = { say: (line: string) => terminal.note(line), signal: terminal.signal };
  if (isSetUp(setup) && !given.on("force")) {
    await setup.check?.(work);
    return tell(setup, `is set up in ${setupFolder(setup.name)}; --force does it again`, terminal);
  }
  return tell(setup, await setup.run(work), terminal);
}

/** `isoscope setup [tensorflow|cuda]`. */
const command: Command = {
  name: "setup",
  usage: `[${kinds.join("|")}] [--gpu] [--force]`,
  summary: "build or fetch what some backends need, into your cache folder",
  flags: {
    gpu: { type: "boolean", describe: "tensorflow: the build for NVIDIA GPUs" },
    force: { type: "boolean", describe: "do it again although it is there" },
  },
  examples: [
    ["isoscope setup", "what there is, and what is set up"],
    [
      "isoscope setup tensorflow",
      "for --backend tensorflow: needs python3 with pip, make, g++ and the package registries",
    ],
    [
      "isoscope setup cuda",
      "for --backend cuda: fetches some gigabytes, then says what is missing",
    ],
    ["ISOSCOPE_CACHE=/big/disk isoscope setup tensorflow --force", "in another folder, again"],
  ],
  run,
};

export default command;
