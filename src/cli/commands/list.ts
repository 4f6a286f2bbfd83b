import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Table } from "../../analyses/analysis.js";
import { exitCodes, UserError } from "../../core/errors.js";
import { toJson } from "../../core/json.js";
import { didYouMean } from "../../core/suggest.js";
import { load, names } from "../../experiment/catalogue.js";
import type { Command } from "../command.js";
import { formatTable } from "../table.js";

const configs = new URL("../../../configs/", import.meta.url);

async function architectures(): Promise<Table> {
  const rows = await Promise.all(
    names("architectures").map(async (name) => {
      const { summary, presets } = await load("architectures", name);
      return [name, summary, Object.keys(presets).join(" ")];
    }),
  );
  return { header: ["architecture", "is", "presets"], rows };
}

async function analyses(): Promise<Table> {
  const rows = await Promise.all(
    names("analyses").map(async (name) => [name, (await load("analyses", name)).summary]),
  );
  return { header: ["analysis", "measures"], rows };
}

async function data(): Promise<Table> {
  const rows = await Promise.all(
    names("data").map(async (name) => {
      const { argument, summary } = await load("data", name);
      return [argument === "" ? name : `${name}:${argument}`, summary];
    }),
  );
  return { header: ["data", "is"], rows };
}

function configTable(): Promise<Table> {
  const files = readdirSync(configs, { recursive: true, encoding: "utf8" });
  const rows = files
    .filter((file) => file.endsWith(".yaml"))
    .sort()
    .map((file) => [join("configs", file)]);
  return Promise.resolve({ header: ["config"], rows });
}

const kinds: Readonly<Record<string, () => Promise<Table>>> = {
  architectures,
  analyses,
  data,
  configs: configTable,
};

function objects({ header, rows }: Table) {
  return rows.map((row) => Object.fromEntries(header.map((name, c) => [name, row[c] ?? ""])));
}

/** `isoscope list [architectures|analyses|data|configs]`. */
const command: Command = {
  name: "list",
  usage: `[${Object.keys(kinds).join("|")}]`,
  summary: "what there is: architectures, analyses, data sets, configs",
  flags: {},
  examples: [
    ["isoscope list", "everything"],
    ["isoscope list architectures", "networks with their presets"],
  ],
  run: async (given, terminal) => {
    const [kind] = given.positionals;
    const known = Object.keys(kinds);
    if (kind !== undefined && !known.includes(kind)) {
      throw new UserError(
        `list: unknown "${kind}"${didYouMean(kind, known)}; allowed: ${known.join(", ")}`,
      );
    }
    const wanted = kind === undefined ? known : [kind];
    const tables = await Promise.all(
      wanted.map(async (name) => [name, await kinds[name]!()] as const),
    );
    const text = terminal.json
      ? toJson({ schemaVersion: 1, ...Object.fromEntries(tables.map(([n, t]) => [n, objects(t)])) })
      : tables.map(([, table]) => formatTable(table, terminal.width)).join("\n\n");
    terminal.out(text);
    return exitCodes.done;
  },
};

export default command;
