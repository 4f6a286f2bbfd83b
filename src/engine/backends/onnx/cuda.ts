import { join } from "node:path";
import { messageOf } from "../../../core/errors.js";
import { isSetUp, setupFolder } from "../../cache-folder.js";
import { setupConflict } from "./home.js";
import type { Provider } from "./runtime.js";
import { loadLibrary } from "./shared-library.js";
import { tryOut } from "./trial.js";

/** ONNX Runtime's provider for NVIDIA's GPUs. */
export const cuda: Provider = { name: "cuda", threads: 1 };

/** NVIDIA's libraries that the provider needs, each after those that it needs itself. */
const libraries = [
  "libcudart.so.13",
  "libcublasLt.so.13",
  "libcublas.so.13",
  "libcurand.so.10",
  "libcudnn.so.9",
];

/** Where the set-up puts native files: beside ONNX Runtime's own library. */
const nativeFiles = ["node_modules", "onnxruntime-node", "bin", "napi-v6", "linux", "x64"];

/** The first library that is neither in the set-up nor on the machine, and what the loader said. */
function missingLibrary(): string | undefined {
  const folder = join(setupFolder("cuda"), ...nativeFiles);
  for (const name of libraries) {
    const said = loadLibrary(join(folder, name));
    if (said !== undefined && loadLibrary(name) !== undefined) return said;
  }
  return undefined;
}

/** One line on what went wrong; CUDA's own words where it has some. */
function reason(thrown: unknown): string {
  const said = messageOf(thrown).split("\n")[0]!;
  if (/Failed to load shared library/.test(said)) {
    return "ONNX Runtime cannot load its provider; run isoscope setup cuda --force";
  }
  const failure = /(?:CUDA|CUDNN|CUBLAS) failure \d+: ([^;]+)/.exec(said)?.[1];
  return failure?.trim() ?? said;
}

function missing(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") {
    return `it runs on Linux x64 only, and this is ${process.platform} ${process.arch}`;
  }
  if (!isSetUp("cuda")) return "it is not set up; run isoscope setup cuda";
  const conflict = setupConflict();
  if (conflict !== undefined) return conflict;
  if (loadLibrary("libcuda.so.1") !== undefined) {
    return "NVIDIA's driver (libcuda.so.1) is not on this machine";
  }
  const library = missingLibrary();
  if (library !== undefined) return `${library}; run isoscope setup cuda --force`;
  // Products are of 32-bit floats in full, as everywhere else: without a word against it, NVIDIA's
  // libraries round their factors to 10 bits.
  process.env["NVIDIA_TF32_OVERRIDE"] ??= "0";
  try {
    tryOut(cuda).dispose();
    return undefined;
  } catch (thrown) {
    return reason(thrown);
  }
}

let answer: { readonly missing: string | undefined } | undefined;

/** What a machine lacks to run graphs through CUDA, in one line; undefined when nothing. */
export function missingForCuda(): string | undefined {
  answer ??= { missing: missing() };
  return answer.missing;
}
