import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname } from "node:path";
import type { AnalysisSummary } from "../experiment/summary.js";
import { analysisCommand } from "./analysis-command.js";
import type { Command } from "./command.js";

const extension = extname(import.meta.url);
const folder = new URL("./commands/", import.meta.url);
/** Summaries of the analyses, written by the build so that help need not load them. */
const summaries = new URL("../analyses/summaries.json", import.meta.url);

async function analyses(): Promise<readonly Command[]> {
  const written = existsSync(summaries);
  const found = written
    ? (JSON.parse(readFileSync(summaries, "utf8")) as readonly AnalysisSummary[])
    : await (await import("../experiment/summary.js")).analysisSummaries();
  return found.map(analysisCommand);
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
