import { readFileSync } from "node:fs";
import { exitCodes, IsoscopeError } from "../core/errors.js";
import { onEngineWarning } from "../engine/warnings.js";
import { names } from "../experiment/catalogue.js";
import { loadCommands } from "./commands.js";
import { parseCommandLine } from "./parse.js";
import { openTerminal } from "./terminal.js";

/** The version in package.json. */
export function version(): string {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

function report(error: unknown): number {
  if (error instanceof IsoscopeError) {
    process.stderr.write(`isoscope: ${error.message}\n`);
    return error.exitCode;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`isoscope: this is a bug of isoscope, please report it\n${text}\n`);
  return exitCodes.bug;
}

/** The first signal asks the work to stop at the next safe place; the second stops at once. */
function stopOnSignals(): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(exitCodes.stopped);
    process.stderr.write("isoscope: stopping after the network in hand; again to stop at once\n");
    controller.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return controller.signal;
}

/** A reader that went away (`| head`) is no failure. */
function forgiveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(exitCodes.done);
      throw error;
    });
  }
}

function completeNames(): readonly string[] {
  return [...names("architectures"), ...names("data")];
}

/** Runs the program; resolves to its exit code, and never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  forgiveClosedPipes();
  if (argv.includes("--no-color")) process.env["NO_COLOR"] = "1";
  try {
    const commands = await loadCommands();
    const words = argv.length === 0 ? ["--help"] : argv;
    const parsed = await parseCommandLine(words, commands, version(), completeNames);
    if (parsed.kind === "done") return argv.length === 0 ? exitCodes.badInput : exitCodes.done;
    const { command, given } = parsed;
    const terminal = openTerminal(
      { quiet: given.on("quiet"), json: given.on("json") },
      stopOnSignals(),
    );
    onEngineWarning((text) => terminal.note(`isoscope: ${text}`));
    return await command.run(given, terminal);
  } catch (error) {
    return report(error);
  }
}
