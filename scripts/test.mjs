// `npm test`: sets up what is missing, then runs every test. Words are handed on to vitest.
import { built, rememberTested, runLocal } from "./ready.mjs";

built();
const words = process.argv.slice(2);
runLocal("vitest/vitest.mjs", ["run", ...words]);
const everything = words.every(
  (word) => word.startsWith("--reporter") || word.startsWith("--outputFile"),
);
if (everything) rememberTested();
