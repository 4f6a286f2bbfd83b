// `npm run bench -- NAME ...`: compiles and runs bench/<name>.ts; all of them when none is named.
import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { built, root, run, runLocal } from "./ready.mjs";

built();
const all = readdirSync(join(root, "bench"))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -".ts".length));
const words = process.argv.slice(2);
const unknown = words.find((name) => !all.includes(name));
if (unknown !== undefined) {
  console.error(`bench: unknown "${unknown}"; known: ${all.join(", ")}`);
  process.exit(2);
}
runLocal("typescript/bin/tsc", ["-p", "tsconfig.bench.json"]);
const compiled = join(root, ".cache", "bench");
cpSync(join(root, "package.json"), join(compiled, "package.json"));
for (const name of words.length > 0 ? words : all) {
  run(process.execPath, [join(compiled, "bench", `${name}.js`)]);
}
