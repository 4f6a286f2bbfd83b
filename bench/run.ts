import { join } from "node:path";
import { main } from "./main.js";

process.exitCode = await main(process.argv.slice(2), {
  root: process.cwd(),
  script: join(import.meta.dirname, "ours.js"),
  environment: process.env,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(`${text}\n`),
});
