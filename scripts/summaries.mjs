// Writes the summary of every analysis beside the compiled ones, so that help need not load them.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./ready.mjs";

const { load, names } = await import(join(root, "dist", "experiment", "catalogue.js"));
const summaries = {};
for (const name of names("analyses")) summaries[name] = (await load("analyses", name)).summary;
writeFileSync(join(root, "dist", "analyses", "summaries.json"), `${JSON.stringify(summaries)}\n`);
