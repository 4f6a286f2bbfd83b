// `npm start`: sets up what is missing, then runs the main job on the bundled images.
import { join } from "node:path";
import { built, root, run } from "./ready.mjs";

built();
const words = process.argv.slice(2);
const given =
  words.length > 0 ? words : ["run", "configs/quick-tour.yaml", "--out", "reports/quick-tour"];
run(process.execPath, [join(root, "bin", "isoscope.js"), ...given]);
