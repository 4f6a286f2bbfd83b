import { join } from "node:path";
import { built, root, run, runLocal } from "./ready.mjs";

built();
for (const script of ["kernels.mjs", "engine-picture.mjs"]) {
  run(process.execPath, [join(root, "scripts", script)]);
}
runLocal("typedoc/bin/typedoc", []);
