import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { diagnose } from "./diagnosis.js";
import { runProgram } from "./program.js";
import type { Work } from "./work.js";

/**
 * Printing starts at errors. TensorFlow greets on stderr while it is loaded, before any setting of
 * it can be made; but the loader asks the binding first for what the libraries call.
 */
const quietSource = `#include "absl/log/globals.h"
namespace absl {
ABSL_NAMESPACE_BEGIN
__attribute__((visibility("default"))) LogSeverityAtLeast MinLogLevel() {
  return LogSeverityAtLeast::kError;
}
ABSL_NAMESPACE_END
}
`;

/** Adds our source to those of the binding. */
function addQuietSource(home: string): void {
  const file = join(home, "binding.gyp");
  const last = "'binding/tfjs_binding.cc'";
  writeFileSync(join(home, "binding", "quiet.cc"), quietSource);
  writeFileSync(file, readFileSync(file, "utf8").replace(last, `${last}, 'binding/quiet.cc'`));
}

/** The folder above Node's headers, when this Node brings them; else node-gyp fetches them. */
function headersOfNode(): readonly string[] {
  const home = dirname(dirname(process.execPath));
  return existsSync(join(home, "include", "node", "node_api.h")) ? [`--nodedir=${home}`] : [];
}

/**
 * Builds the binding of the package in `home` against its `deps`.
 * Errors thrown: `MachineError` with what the compiler says first.
 */
export async function buildBinding(gyp: string, home: string, work: Work): Promise<void> {
  addQuietSource(home);
  const words = [
    ...[gyp, "rebuild", "--module_name=tfjs_binding", ...headersOfNode()],
    // A relative path would be one below the folder of object files.
    `--module_path=${join(home, "lib", "napi-v8")}`,
    ...["--napi_version=8", "--napi_build_version=8"],
  ];
  const outcome = await runProgram(process.execPath, words, work, { cwd: home });
  if (outcome.code !== 0) throw diagnose("the build of the binding by node-gyp", outcome);
}

/**
 * Multiplies two matrices through the binding of a set-up, in a process that may die.
 * Returns the version of TensorFlow and where it computes.
 * Errors thrown: `MachineError` with the loader's or TensorFlow's words.
 */
export async function verifyBinding(folder: string, work: Work): Promise<string> {
  const program = fileURLToPath(new URL("./verify-tensorflow.js", import.meta.url));
  const outcome = await runProgram(process.execPath, [program, folder], work);
  if (outcome.code !== 0) throw diagnose("the check of the new binding", outcome);
  return outcome.out.trim();
}
