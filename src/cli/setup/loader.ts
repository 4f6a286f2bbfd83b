import { existsSync } from "node:fs";
import { join } from "node:path";
import { readSharedLibrary, type SharedLibrary } from "./elf.js";
import { runProgram } from "./program.js";
import type { Work } from "./work.js";

/** A library that nobody has, and the one that asks for it. */
export interface Missing {
  readonly soname: string;
  readonly askedBy: string;
}

/** Folders that the loader searches when there is no list of `ldconfig`. */
const standardFolders = [
  "/lib/x86_64-linux-gnu",
  "/usr/lib/x86_64-linux-gnu",
  "/lib64",
  "/usr/lib64",
  "/lib",
  "/usr/lib",
  "/usr/local/lib",
  "/usr/lib/wsl/lib",
];

/** Whether the system's loader would find a library by its name. */
export type Find = (soname: string) => boolean;

/** Asks the loader's own list, the folders of `LD_LIBRARY_PATH` and the standard ones. */
export async function systemLibraries(work: Work): Promise<Find> {
  const program = existsSync("/sbin/ldconfig") ? "/sbin/ldconfig" : "ldconfig";
  const { out } = await runProgram(program, ["-p"], work);
  const listed = new Set(out.split("\n").map((line) => line.trim().split(" ")[0]));
  const given = (process.env["LD_LIBRARY_PATH"] ?? "").split(":").filter((path) => path !== "");
  const folders = [...given, ...standardFolders];
  return (soname) =>
    listed.has(soname) || folders.some((folder) => existsSync(join(folder, soname)));
}

/**
 * Libraries that are found neither in `folder` nor by the system, when those of `roots` (names in
 * `folder`) and all that they need are loaded.
 */
export function missingLibraries(
  folder: string,
  roots: readonly string[],
  find: Find,
  read: (path: string) => SharedLibrary = readSharedLibrary,
): readonly Missing[] {
  const missing = new Map<string, string>();
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const soname of read(join(folder, name)).needed) {
      if (existsSync(join(folder, soname))) visit(soname);
      else if (!find(soname) && !missing.has(soname)) missing.set(soname, name);
    }
  };
  roots.forEach(visit);
  return [...missing].map(([soname, askedBy]) => ({ soname, askedBy }));
}
