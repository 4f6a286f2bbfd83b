import { createRequire } from "node:module";
import { join } from "node:path";
import { type SetupName, setupFolder, setupRecord } from "../cache-folder.js";

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

function complete(name: SetupName): boolean {
  const folder = setupFolder(name);
  try {
    createRequire(join(folder, "package.json")).resolve(`./${setupRecord}`);
    return true;
  } catch {
    return false;
  }
}

/** The best set-up that is complete on this machine. */
export function setupFor(name: BackendName): SetupName | undefined {
  return backends[name].setups?.find(complete);
}

/**
 * Why a backend cannot start, as far as can be told without starting it; undefined when nothing is
 * missing.
 */
export function missingFor(name: BackendName): string | undefined {
  const { setups, remedy } = backends[name];
  if (setups === undefined || setups.some(complete)) return undefined;
  return `it is not set up; run ${remedy}`;
}
