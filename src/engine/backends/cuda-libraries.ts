import { createRequire } from "node:module";
import { constants } from "node:os";
import { join } from "node:path";
import { setupFolder } from "../cache-folder.js";

/** Where ONNX Runtime's package keeps its native files. */
const nativeFiles = join("bin", "napi-v6", "linux", "x64");

/** The copy of ONNX Runtime's package in a set-up folder, whose library finds the provider. */
export function cudaRuntimeFolder(folder: string = setupFolder("cuda")): string {
  return join(folder, "node_modules", "onnxruntime-node");
}

/** The shared libraries of a set-up folder; providers must lie beside ONNX Runtime's own. */
export function cudaLibrariesFolder(folder: string = setupFolder("cuda")): string {
  return join(cudaRuntimeFolder(folder), nativeFiles);
}

/**
 * What the provider needs, or loads by name later, in an order in which each finds what it needs.
 * The provider itself searches the system's folders alone; a library that is loaded already is
 * found by its name wherever it lies.
 */
export const cudaLibraries = [
  "libcudart.so.13",
  "libcublasLt.so.13",
  "libcublas.so.13",
  "libcurand.so.10",
  "libnvrtc.so.13",
  "libcudnn.so.9",
] as const;

/** Keeps a library loaded after Node finds that it is no addon and closes it. */
const noDelete = 0x1000;

const { RTLD_NOW, RTLD_GLOBAL } = constants.dlopen;

/** Node's words for a library that was loaded and is no addon. */
const loaded = "did not self-register";

function loadLibrary(path: string): void {
  try {
    process.dlopen({ exports: {} }, path, RTLD_NOW | RTLD_GLOBAL | noDelete);
  } catch (error) {
    if (!(error instanceof Error && error.message.includes(loaded))) throw error;
  }
}

/**
 * Loads NVIDIA's libraries and ONNX Runtime's binding from the folder of `isoscope setup cuda`.
 * Returns the binding's module, `onnxruntime-node/dist/binding.js`.
 * Errors thrown: whatever the loader says when a library is missing.
 */
export function loadCudaRuntime(folder: string = setupFolder("cuda")): unknown {
  for (const name of cudaLibraries) loadLibrary(join(cudaLibrariesFolder(folder), name));
  const home = cudaRuntimeFolder(folder);
  const load = createRequire(join(home, "package.json"));
  return load(join(home, "dist", "binding.js"));
}
