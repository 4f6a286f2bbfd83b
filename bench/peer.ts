import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { MachineError } from "../src/core/errors.js";
import type { Program } from "./side.js";
import { allocator } from "./side.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** The folder of the peer's virtual environment, as `bench/setup.sh` makes it. */
export function peerFolder(environment: Environment): string {
  const caches = environment["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(environment["ISOSCOPE_CACHE"] || join(caches, "isoscope"), "bench");
}

/** The PyTorch side. Throws `MachineError` when it is not installed. */
export function peerProgram(root: string, threads: number, environment: Environment): Program {
  const python = join(peerFolder(environment), "bin", "python");
  if (!existsSync(python)) {
    throw new MachineError(
      `bench: the PyTorch peer is not installed (no ${python}); run: bash bench/setup.sh`,
    );
  }
  return {
    name: "PyTorch",
    command: python,
    words: [join(root, "bench", "peers", "peer.py")],
    environment: {
      ...environment,
      ...allocator,
      OMP_NUM_THREADS: String(threads),
      PYTHONDONTWRITEBYTECODE: "1",
    },
  };
}

/** This project's side: the compiled `ours.js`, on a backend. */
export function oursProgram(script: string, environment: Environment): Program {
  return {
    name: "ours",
    command: process.execPath,
    words: [script],
    environment: { ...environment, ...allocator },
  };
}
