import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname } from "node:path";
import { load, names } from "../experiment/catalogue.js";
import { analysisCommand } from "./analysis-command.js";
import type { Command } from "./command.js";

const extension = extname(import.meta.url);
const folder = new URL("./commands/", import.meta.url);
/** Summaries of the analyses, written by the build so that help need not load them. */
const summaries = new URL("../analyses/summaries.json", import.meta.url);

async function analyses(): Promise<readonly Command[]> {
  const known = existsSync(summaries)
    ? (JSON.parse(readFileSync(summaries, "utf8")) as Record<string, string>)
    : undefined;
  return Promise.all(
    names("analyses").map(async (name) =>
      analysisCommand(name, known?.[name] ?? (await load("analyses", name)).summary),
    ),
  );
}

async function fileCommands(): Promise<readonly Command[]> {
  const files = readdirSync(folder).filter(
    (file) => file.endsWith(extension) && !file.endsWith(`.d${extension}`),
  );
  return Promise.all(
    files.sort().map(async (file) => {
      const module = (await import(new URL(file, folder).href)) as { default: Command };
      return module.default;
    }),
  );
}

/** Every command: one for each analysis, then one for each file of `commands/`. */
export async function loadCommands(): Promise<readonly Command[]> {
  const [measured, others] = await Promise.all([analyses(), fileCommands()]);
  return [...measured, ...others];
}
