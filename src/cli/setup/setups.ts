import { existsSync } from "node:fs";
import { join } from "node:path";
import { type SetupName, setupFolder, setupRecord } from "../../engine/cache-folder.js";
import type { Work } from "./work.js";

/** One thing that can be set up. */
export interface Setup {
  readonly name: SetupName;
  /** The words behind `isoscope setup`. */
  readonly words: string;
  readonly is: string;
  /** Does it, and says what is there now; errors thrown: `MachineError`, `StoppedError`. */
  run(work: Work): Promise<string>;
  /** Looks for what only the machine can bring; errors thrown: `MachineError`. */
  check?(work: Work): Promise<void>;
}

/** Everything that can be set up. */
export const setups: readonly Setup[] = [
  {
    name: "tensorflow",
    words: "tensorflow",
    is: "the backend tensorflow, on the CPU",
    run: async (work) => (await import("./tensorflow.js")).setUpTensorflow("tensorflow", work),
  },
  {
    name: "tensorflow-gpu",
    words: "tensorflow --gpu",
    is: "the backend tensorflow, on an NVIDIA GPU",
    run: async (work) => (await import("./tensorflow.js")).setUpTensorflow("tensorflow-gpu", work),
    check: async (work) => (await import("./tensorflow.js")).checkGpu(work),
  },
  {
    name: "cuda",
    words: "cuda",
    is: "the backend cuda: ONNX Runtime's provider and NVIDIA's libraries",
    run: async (work) => (await import("./cuda.js")).setUpCuda(work),
    check: async (work) => (await import("./cuda.js")).checkCuda(work),
  },
];

/** Whether it is complete in the cache folder. */
export function isSetUp({ name }: Setup): boolean {
  return existsSync(join(setupFolder(name), setupRecord));
}
