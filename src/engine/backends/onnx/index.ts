import { registerCpu } from "../cpu.js";
import { registerBackend } from "./backend.js";
import { loadRuntime } from "./runtime.js";
import { setThreads } from "./session.js";

let registered = false;

/**
 * Makes the backend "onnx" known to TensorFlow.js, with `threads` threads an operation.
 * Errors thrown: whatever the loader says when ONNX Runtime has no build for this machine.
 */
export function registerOnnx(threads: number): void {
  setThreads(threads);
  if (registered) return;
  loadRuntime();
  registerCpu();
  registerBackend();
  registered = true;
}
