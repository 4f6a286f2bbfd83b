import { createRequire } from "node:module";
import { join } from "node:path";
import { isSetUp, setupFolder, setupVersions } from "../../cache-folder.js";

const installed = createRequire(import.meta.url);

/** As a file in the folder of CUDA's set-up would load packages. */
function setUp(): NodeJS.Require {
  return createRequire(join(setupFolder("cuda"), "package.json"));
}

/** The version of ONNX Runtime that is found from somewhere; undefined where there is none. */
function versionFor(require: NodeJS.Require): string | undefined {
  try {
    return (require("onnxruntime-node/package.json") as { version: string }).version;
  } catch {
    return undefined;
  }
}

/** Versions of ONNX Runtime: of the program's own package, and of the copy in CUDA's set-up. */
export interface RuntimeVersions {
  readonly own: string | undefined;
  readonly copy: string | undefined;
}

/**
 * Why ONNX Runtime's CUDA provider, which fits the library of its own version alone, cannot be used
 * with these; undefined when it can.
 */
export function versionConflict({ own, copy }: RuntimeVersions): string | undefined {
  const fitting = setupVersions.cuda;
  if (own !== fitting) {
    return `CUDA is set up for ONNX Runtime ${fitting}, and onnxruntime-node ${own ?? "of no version"} is installed; run npm install onnxruntime-node@${fitting}`;
  }
  if (copy === fitting) return undefined;
  const held = copy === undefined ? "no ONNX Runtime" : `ONNX Runtime ${copy}`;
  return `the set-up in ${setupFolder("cuda")} holds ${held} instead of ${fitting}; run isoscope setup cuda --force`;
}

/** Why CUDA's set-up is left alone, in one line; undefined when it is used, or is not there. */
export function setupConflict(): string | undefined {
  if (!isSetUp("cuda")) return undefined;
  return versionConflict({ own: versionFor(installed), copy: versionFor(setUp()) });
}

/**
 * Where ONNX Runtime is loaded from. Its library takes the CUDA provider from its own folder only,
 * and a process holds one library; so once CUDA is set up, everything runs on the copy that was
 * made for it, if that and the installed one have the version of the set-up.
 */
export function home(): NodeJS.Require {
  return isSetUp("cuda") && setupConflict() === undefined ? setUp() : installed;
}
