// `npm run bench -- NAME ...`: runs bench/<name>.ts; all of them when none is named.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { built, root, run, runLocal } from "./ready.mjs";

built();
const all = readdirSync(join(root, "bench"))
  .filter((file) => file.endsWith(".mjs"))
  .map((file) => file.slice(0, -4));
const words = process.argv.slice(2);
const chosen = words.length > 0 ? words : all;
const unknown = chosen.find((name) => !all.includes(name));
if (unknown !== undefined) {
  console.error(`bench: unknown "${unknown}"; known: ${all.join(", ")}`);
  process.exit(2);
}
for (const name of chosen) run(process.execPath, [join(root, "bench", `${name}.mjs`)]);
