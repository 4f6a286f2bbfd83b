import { createRequire } from "node:module";
import { join } from "node:path";
import util from "node:util";
import { setupFolder } from "../../cache-folder.js";
import * as tf from "../../tf.js";
import { setupFor } from "../catalogue.js";

/** One attribute of a TensorFlow operation, as the binding takes it. */
export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The native part. */
interface Native {
  readonly TF_Version: string;
  isUsingGpuDevice(): boolean;
}

/** TensorFlow as it was loaded. */
export interface LoadedTensorflow {
  readonly version: string;
  usesGpu(): boolean;
}

/** The backend of tfjs-node, those parts of it that our kernels use. */
export interface TensorflowBackend extends tf.KernelBackend {
  readonly binding: {
    readonly TF_ATTR_INT: number;
    readonly TF_ATTR_STRING: number;
    readonly TF_ATTR_TYPE: number;
    readonly TF_FLOAT: number;
  };
  /** Runs one operation of one output. */
  executeSingleOutput(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.TensorInfo[],
  ): tf.Tensor;
}

/** The name under which the stand-in for `@tensorflow/tfjs` in the cache folder finds our copy. */
const sharedCore = Symbol.for("isoscope.tensorflow-core");

/**
 * tfjs-node takes everything from `@tensorflow/tfjs` and its core. In the cache folder these
 * packages are this text, which hands out the copy this process has loaded: with a second copy,
 * kernels and tensors would belong to an engine that nobody uses.
 */
export const standIn = `module.exports = globalThis[Symbol.for("${sharedCore.description}")];\n`;

/**
 * Two functions that tfjs-node calls and that newer versions of Node warn about (22) or lack
 * (23).
 */
function patchUtil(): void {
  Object.assign(util, {
    isArray: Array.isArray,
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  });
}

/** Settings that TensorFlow reads when it is loaded; a value that the user has set is kept. */
function configure(threads: number): void {
  process.env["TF_NUM_INTRAOP_THREADS"] ??= String(threads);
  process.env["TF_NUM_INTEROP_THREADS"] ??= "1";
}

interface BackendModule {
  readonly NodeJSKernelBackend: new (binding: Native, packageName: string) => TensorflowBackend;
}

/**
 * Loads tfjs-node's binding and kernels from a set-up folder and makes the backend "tensorflow"
 * known to our copy of TensorFlow.js. The parts are loaded one by one, as the package's own entry
 * also wants layers, converters and an installer. `threads`: those of one operation.
 * Errors thrown: whatever the loader says when a library is missing.
 */
export function loadTensorflow(folder: string, threads: number): LoadedTensorflow {
  patchUtil();
  configure(threads);
  Object.assign(globalThis, { [sharedCore]: tf });
  const load = createRequire(join(folder, "package.json"));
  const home = join(folder, "node_modules", "@tensorflow", "tfjs-node");
  const native = load(join(home, "lib", "napi-v8", "tfjs_binding.node")) as Native;
  const backend = load(join(home, "dist", "nodejs_kernel_backend.js")) as BackendModule;
  load(join(home, "dist", "register_all_kernels.js"));
  // The last argument only tells whether a name ends in -gpu, which decides nothing here.
  const create = () => new backend.NodeJSKernelBackend(native, "@tensorflow/tfjs-node");
  tf.registerBackend("tensorflow", create, 1);
  return { version: native.TF_Version, usesGpu: () => native.isUsingGpuDevice() };
}

/**
 * Loads the best set-up of this machine.
 * Errors thrown: `Error` when none is complete.
 */
export function loadSetup(threads: number): void {
  const name = setupFor("tensorflow");
  if (name === undefined) throw new Error("it is not set up");
  loadTensorflow(setupFolder(name), threads);
}
