import { createRequire } from "node:module";
import { MachineError, messageOf, UserError } from "../core/errors.js";
import { didYouMean } from "../core/suggest.js";
import type { BackendChoice, BackendName } from "./backends/catalogue.js";
import { backendChoices, backends } from "./backends/catalogue.js";
import { setupVersions } from "./cache-folder.js";
import { registerGradients } from "./gradients/index.js";
import * as tf from "./tf.js";

export type { BackendChoice, BackendDescription, BackendName } from "./backends/catalogue.js";
export { backendChoices, backendNames, backends, missingFor } from "./backends/catalogue.js";

export type { WarningListener } from "./warnings.js";
export { onEngineWarning } from "./warnings.js";

/** The quickest backend, used when none is named. */
export const defaultBackend: BackendName = "onnx";

/**
 * `threads`: threads of one operation, from 1; 2 when left out. Only ONNX Runtime and TensorFlow
 * have more than one, and TensorFlow keeps the number it starts with.
 */
export interface BackendOptions {
  readonly threads?: number;
}

const standardThreads = 2;
const threaded: readonly BackendName[] = ["onnx", "tensorflow"];
let threads = 1;

/** Threads that one operation of the current backend uses. */
export function numberOfThreads(): number {
  return threads;
}

async function register(name: BackendName, count: number): Promise<void> {
  if (name === "cpu") (await import("./backends/cpu.js")).registerCpu();
  if (name === "wasm") await (await import("./backends/wasm.js")).registerWasm();
  if (name === "onnx") (await import("./backends/onnx/index.js")).registerOnnx(count);
  if (name === "webgpu") (await import("./backends/onnx/index.js")).registerWebgpu();
  if (name === "cuda") (await import("./backends/onnx/index.js")).registerCuda();
  if (name === "tensorflow") {
    (await import("./backends/tensorflow/index.js")).registerTensorflow(count);
  }
}

function known(name: string): BackendChoice {
  const found = backendChoices.find((one) => one === name);
  if (found !== undefined) return found;
  const allowed = backendChoices.join(", ");
  throw new UserError(
    `backend: "${name}" is unknown; allowed: ${allowed}${didYouMean(name, backendChoices)}`,
  );
}

function threadsOf({ threads = standardThreads }: BackendOptions): number {
  if (Number.isInteger(threads) && threads >= 1 && threads <= 1024) return threads;
  throw new UserError(`threads: ${threads} is not allowed; allowed: a whole number from 1 to 1024`);
}

async function start(name: BackendName, count: number): Promise<void> {
  try {
    await register(name, count);
    if (await tf.setBackend(name)) return;
  } catch (thrown) {
    throw new MachineError(`backend "${name}" cannot start: ${advised(firstLine(thrown), name)}`);
  }
  throw new MachineError(`backend "${name}" cannot start; ${advice(name)}`);
}

function firstLine(thrown: unknown): string {
  return messageOf(thrown).split("\n")[0]!;
}

/** A reason with advice, unless it brings its own. */
function advised(reason: string, name: BackendName): string {
  return /; (run|use) /.test(reason) ? reason : `${reason}; ${advice(name)}`;
}

function advice(name: BackendName): string {
  if (name === "cpu") return "install the program again";
  const { remedy } = backends[name];
  if (name === "webgpu" || name === "cuda") return "use --backend onnx";
  return remedy === undefined ? "use --backend cpu, which needs nothing" : `run ${remedy}`;
}

/** The backend that a choice stands for; trying out loads ONNX Runtime, so only `auto` does. */
async function settled(choice: BackendChoice, count: number): Promise<BackendName> {
  if (choice !== "auto") return choice;
  return (await import("./backends/choose.js")).chosenBackend(choice, count);
}

/**
 * Runs all tensors that follow on the named backend, with our gradients; `auto` takes the quickest
 * that the machine has. Returns the backend's name.
 * Errors thrown: `UserError` for an unknown name or number of threads, `MachineError` when the
 * backend cannot start.
 */
export async function useBackend(
  name: BackendChoice | (string & {}) = defaultBackend,
  options: BackendOptions = {},
): Promise<BackendName> {
  const count = threadsOf(options);
  const backend = await settled(known(name), count);
  tf.enableProdMode();
  registerGradients();
  await start(backend, count);
  threads = threaded.includes(backend) ? count : 1;
  return backend;
}

/** Version of ONNX Runtime, or "not installed". */
function onnxVersion(): string {
  try {
    const require = createRequire(import.meta.url);
    return (require("onnxruntime-node/package.json") as { version: string }).version;
  } catch {
    return "not installed";
  }
}

/** Versions of the packages that compute, for reports; TensorFlow's when it does. */
export async function engineVersions(): Promise<Record<string, string>> {
  const others =
    tf.getBackend() === "tensorflow" ? { libtensorflow: setupVersions.tensorflow } : {};
  return { "tfjs-core": tf.version_core, onnxruntime: onnxVersion(), ...others };
}
