import "@tensorflow/tfjs-backend-cpu";
import { registerOwnKernels } from "./javascript.js";

let registered = false;

/**
 * The backend in plain JavaScript registers itself as "cpu" when its package loads; ours are added
 * to it.
 */
export function registerCpu(): void {
  if (registered) return;
  registered = true;
  registerOwnKernels("cpu");
}
