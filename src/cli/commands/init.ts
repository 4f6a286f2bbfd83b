import { resolve } from "node:path";
import { exitCodes, UserError } from "../../core/errors.js";
import type { Command } from "../command.js";

/** `isoscope init ARCH --seed N --out FILE.safetensors`. */
const command: Command = {
  name: "init",
  usage: "<architecture[:key=value,...]> --out FILE.safetensors [options]",
  summary: "draw a network's weights and write them in PyTorch's layout and names",
  flags: {
    seed: { type: "string", describe: "seed of the weights", default: "0" },
    out: { type: "string", describe: "safetensors file to write" },
  },
  examples: [
    [
      "isoscope init convshort:depth=50 --seed 3 --out convshort-50.safetensors",
      "opens in PyTorch",
    ],
  ],
  run: async (given, terminal) => {
    const [text, ...more] = given.positionals;
    const out = given.text("out");
    if (text === undefined || more.length > 0 || out === undefined) {
      throw new UserError(
        "init: one architecture and --out FILE.safetensors are needed, as in isoscope init fixup:depth=56 --out w.safetensors",
      );
    }
    const { wholeNumber } = await import("../spec-arguments.js");
    const { buildOne } = await import("../../experiment/resolve.js");
    const { initialize } = await import("../../architectures/parts/network.js");
    const { saveWeights } = await import("../../training/checkpoint.js");
    const { fold, keyOf } = await import("../../core/random.js");
    const { useBackend } = await import("../../engine/index.js");
    const seed = wholeNumber("seed", given.text("seed") ?? "0", 0);
    await useBackend("cpu");
    const { network, label, resolved } = await buildOne(text);
    const parameters = initialize(network, fold(keyOf(seed), "init"));
    const metadata = { architecture: label, options: JSON.stringify(resolved), seed: String(seed) };
    await saveWeights(resolve(out), network, parameters, metadata);
    terminal.out(terminal.json ? JSON.stringify({ schemaVersion: 1, files: [resolve(out)] }) : out);
    return exitCodes.done;
  },
};

export default command;
