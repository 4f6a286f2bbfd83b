#!/usr/bin/env node
import { existsSync } from "node:fs";

const program = new URL("../dist/cli/main.js", import.meta.url);
if (existsSync(program)) {
  const { main } = await import(program.href);
  process.exitCode = await main(process.argv.slice(2));
} else {
  process.stderr.write(
    "isoscope: not built yet; run `npm start` or `npm run build` in the checkout first\n",
  );
  process.exitCode = 5;
}
