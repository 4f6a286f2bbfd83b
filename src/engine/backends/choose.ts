import type { BackendChoice, BackendName } from "./catalogue.js";
import { missingFor } from "./catalogue.js";
import { isQuicker } from "./onnx/speed.js";
import { webgpu } from "./onnx/webgpu.js";

/**
 * CUDA where it is set up and has a GPU; WebGPU where a chain of convolutions is quicker on it than
 * on `threads` threads of the CPU, which a GPU in software is not; else the CPU.
 */
function best(threads: number): BackendName {
  if (missingFor("cuda") === undefined) return "cuda";
  const isThere = missingFor("webgpu") === undefined;
  return isThere && isQuicker(webgpu, { name: "cpu", threads }) ? "webgpu" : "onnx";
}

/** The backend that a choice stands for on this machine; `auto` tries out what there is. */
export function chosenBackend(choice: BackendChoice, threads = 2): BackendName {
  return choice === "auto" ? best(threads) : choice;
}
