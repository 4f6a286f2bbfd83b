import * as tf from "../../tf.js";
import { registerCpu } from "../cpu.js";
import { cuda, missingForCuda } from "./cuda.js";
import { registerBackend } from "./register.js";
import type { Provider } from "./runtime.js";
import { loadRuntime } from "./runtime.js";
import { missingForWebgpu, webgpu } from "./webgpu.js";

let current = 1;

/** Makes a backend known once. */
function registerOnce(name: string, provider: () => Provider, unknown?: readonly string[]): void {
  if (tf.findBackendFactory(name) !== null) return;
  registerCpu();
  registerBackend(name, provider, unknown);
}

/** Throws what a machine lacks. */
function need(missing: string | undefined): void {
  if (missing !== undefined) throw new Error(missing);
}

/**
 * Makes the backend "onnx" known to TensorFlow.js, with `threads` threads an operation.
 * Errors thrown: whatever the loader says when ONNX Runtime has no build for this machine.
 */
export function registerOnnx(threads: number): void {
  current = threads;
  loadRuntime();
  registerOnce("onnx", () => ({ name: "cpu", threads: current }));
}

/**
 * Kernels that shaders may compute to 11 bits only, which are left to JavaScript: the language of
 * WebGPU's shaders asks for no more of its sine, its cosine, and what follows from them or from
 * angles.
 */
const inexact = [tf.Sin, tf.Cos, tf.Tan, tf.Asin, tf.Acos, tf.Atan];

/**
 * Makes the backend "webgpu" known to TensorFlow.js.
 * Errors thrown: `Error` that says what the machine lacks.
 */
export function registerWebgpu(): void {
  need(missingForWebgpu());
  registerOnce("webgpu", () => webgpu, inexact);
}

/**
 * Makes the backend "cuda" known to TensorFlow.js.
 * Errors thrown: `Error` that says what the machine lacks.
 */
export function registerCuda(): void {
  need(missingForCuda());
  registerOnce("cuda", () => cuda);
}
