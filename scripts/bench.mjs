// `npm run bench -- [JOB ...] [options]`: compiles bench/ and runs it; `--help` says what there is.
import { cpSync } from "node:fs";
import { join } from "node:path";
import { installed, root, run, runLocal } from "./ready.mjs";

installed();
const compiled = join(root, ".cache", "bench");
runLocal("typescript/bin/tsc", ["-p", "tsconfig.bench.json"], { stdio: ["ignore", 2, 2] });
cpSync(join(root, "package.json"), join(compiled, "package.json"));
run(process.execPath, [join(compiled, "bench", "run.js"), ...process.argv.slice(2)]);
