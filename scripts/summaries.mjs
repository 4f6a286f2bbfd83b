// Writes the summary of every analysis beside the compiled ones, so that help need not load them.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./ready.mjs";

const { analysisSummaries } = await import(join(root, "dist", "experiment", "summary.js"));
const summaries = await analysisSummaries();
writeFileSync(join(root, "dist", "analyses", "summaries.json"), `${JSON.stringify(summaries)}\n`);
