import { createRequire } from "node:module";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

/** What `isoscope setup` can put into the cache folder, with the version that decides its name. */
export const setupVersions = {
  /** libtensorflow for CPUs. */
  tensorflow: "2.21.0",
  /** libtensorflow for NVIDIA GPUs. */
  "tensorflow-gpu": "2.21.0",
  /** The CUDA provider of ONNX Runtime; providers fit the library of their own version only. */
  cuda: "1.30.0",
} as const;

/** A name of `setupVersions`. */
export type SetupName = keyof typeof setupVersions;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The user's folder for what is built or downloaded once: `ISOSCOPE_CACHE`, else `isoscope` in
 * `XDG_CACHE_HOME`, else `~/.cache/isoscope`. A relative `XDG_CACHE_HOME` is ignored, as its
 * specification asks.
 */
export function cacheFolder(environment: Environment = process.env): string {
  const own = environment["ISOSCOPE_CACHE"];
  if (own !== undefined && own !== "") return resolve(own);
  const shared = environment["XDG_CACHE_HOME"];
  const base = shared !== undefined && isAbsolute(shared) ? shared : join(homedir(), ".cache");
  return join(base, "isoscope");
}

/** Where a set-up of this program's version lies once it is complete. */
export function setupFolder(name: SetupName, environment: Environment = process.env): string {
  return join(cacheFolder(environment), `${name}-${setupVersions[name]}`);
}

/** The file that a set-up holds once it is complete. */
export const setupRecord = "isoscope.json";

/** Whether a set-up of this program's version is complete on this machine. */
export function isSetUp(name: SetupName): boolean {
  try {
    createRequire(join(setupFolder(name), "package.json")).resolve(`./${setupRecord}`);
    return true;
  } catch {
    return false;
  }
}
