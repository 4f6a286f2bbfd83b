import { registerCpu } from "../cpu.js";
import { registerBackend } from "./register.js";
import { loadRuntime } from "./runtime.js";

let registered = false;
let current = 1;

/**
 * Makes the backend "onnx" known to TensorFlow.js, with `threads` threads an operation.
 * Errors thrown: whatever the loader says when ONNX Runtime has no build for this machine.
 */
export function registerOnnx(threads: number): void {
  current = threads;
  if (registered) return;
  loadRuntime();
  registerCpu();
  registerBackend("onnx", () => ({ name: "cpu", threads: current }));
  registered = true;
}
