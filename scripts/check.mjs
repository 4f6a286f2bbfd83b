// `npm run check`: format, lint, types, tests (unless they just passed on these very files), sizes.
import { join } from "node:path";
import { built, rememberTested, root, run, runLocal, tested } from "./ready.mjs";

built();
runLocal("@biomejs/biome/bin/biome", ["check", "--error-on-warnings", "."]);
runLocal("typescript/bin/tsc", ["-p", "tsconfig.json"]);
if (tested()) {
  console.log("tests: passed on these very files");
} else {
  runLocal("vitest/vitest.mjs", ["run"]);
  rememberTested();
}
run(process.execPath, [join(root, "scripts", "size.mjs")]);
