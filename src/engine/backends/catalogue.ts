import { isSetUp, type SetupName } from "../cache-folder.js";
import { missingForCuda } from "./onnx/cuda.js";
import { missingForWebgpu } from "./onnx/webgpu.js";

/** A way to run tensors, before it is started. */
export interface BackendDescription {
  readonly is: string;
  /** What a machine must have, in words. */
  readonly needs: string;
  /** Set-ups of which one must be there, the best first; none where npm brings everything. */
  readonly setups?: readonly SetupName[];
  /** The command that mends a missing set-up. */
  readonly remedy?: string;
}

const table = {
  onnx: { is: "whole graphs on ONNX Runtime's CPU provider", needs: "nothing beyond npm" },
  webgpu: {
    is: "the same graphs on ONNX Runtime's WebGPU provider",
    needs: "a GPU and its driver for Vulkan, Metal or Direct3D 12",
  },
  cuda: {
    is: "the same graphs on ONNX Runtime's CUDA provider",
    needs: "isoscope setup cuda: python3 with pip, NVIDIA's driver; Linux x64",
    setups: ["cuda"],
    remedy: "isoscope setup cuda",
  },
  tensorflow: {
    is: "TensorFlow's own kernels through tfjs-node's binding",
    needs: "isoscope setup tensorflow: python3 with pip, make, g++; Linux x64",
    setups: ["tensorflow-gpu", "tensorflow"],
    remedy: "isoscope setup tensorflow",
  },
  wasm: { is: "TensorFlow.js's WebAssembly kernels", needs: "nothing beyond npm" },
  cpu: { is: "TensorFlow.js's JavaScript kernels", needs: "nothing beyond npm" },
} as const satisfies Readonly<Record<string, BackendDescription>>;

/** A name that `useBackend` takes. */
export type BackendName = keyof typeof table;

/** Every backend, the quickest first. This file loads no tensor library, so help may read it. */
export const backends: Readonly<Record<BackendName, BackendDescription>> = table;

/** The names `useBackend` takes. */
export const backendNames = Object.keys(table) as readonly BackendName[];

/** A backend, or the word that leaves the choice to the machine. */
export type BackendChoice = BackendName | "auto";

/** What users may choose. */
export const backendChoices: readonly BackendChoice[] = [...backendNames, "auto"];

/** The best set-up that is complete on this machine. */
export function setupFor(name: BackendName): SetupName | undefined {
  return backends[name].setups?.find(isSetUp);
}

/** Backends that are tried out to know what they lack. */
const trials: Readonly<Partial<Record<BackendName, () => string | undefined>>> = {
  webgpu: missingForWebgpu,
  cuda: missingForCuda,
};

/**
 * Why a backend cannot start, as far as can be told without starting it; undefined when nothing is
 * missing. Backends on GPUs compute one number.
 */
export function missingFor(name: BackendName): string | undefined {
  const trial = trials[name];
  if (trial !== undefined) return trial();
  const { setups, remedy } = backends[name];
  if (setups === undefined || setups.some(isSetUp)) return undefined;
  return `it is not set up; run ${remedy}`;
}
