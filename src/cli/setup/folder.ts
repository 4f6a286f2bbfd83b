import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { messageOf } from "../../core/errors.js";
import { failure } from "./work.js";

const remove = (folder: string) => rmSync(folder, { recursive: true, force: true });

function alive(owner: number): boolean {
  try {
    return process.kill(owner, 0);
  } catch (error) {
    // It is there and someone else's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A name beside `target` that tells which process works in it. */
function temporaryName(target: string, kind: string): string {
  return join(dirname(target), `.${basename(target)}-${kind}-${process.pid}`);
}

/** Removes what killed processes have left beside `target`. */
function sweep(target: string): void {
  const prefix = `.${basename(target)}-`;
  for (const name of readdirSync(dirname(target))) {
    const owner = Number(/-(\d+)$/.exec(name)?.[1]);
    if (!name.startsWith(prefix) || Number.isNaN(owner)) continue;
    if (owner === process.pid || !alive(owner)) remove(join(dirname(target), name));
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw failure(`${folder} cannot be made (${messageOf(error)}); set ISOSCOPE_CACHE to another`);
  }
}

/** Puts a finished folder in its place; another's that got there meanwhile is as good. */
function place(finished: string, target: string): void {
  const old = temporaryName(target, "old");
  if (existsSync(target)) renameSync(target, old);
  renameSync(finished, target);
  remove(old);
}

/**
 * Runs `use` with an empty folder beside `target`, which is removed afterwards; a killed process
 * leaves it to the next one to remove.
 * Errors thrown: whatever `use` throws; `MachineError` when the folder cannot be made.
 */
export async function besideFolder<T>(
  target: string,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  makeFolder(dirname(target));
  sweep(target);
  const folder = temporaryName(target, "partial");
  mkdirSync(folder);
  try {
    return await use(folder);
  } finally {
    remove(folder);
  }
}

/**
 * Builds a folder so that `target` is there whole or not at all, whenever the process is killed:
 * `build` fills a folder beside it, which is renamed at the end.
 * Errors thrown: those of `besideFolder`.
 */
export async function buildFolder<T>(
  target: string,
  build: (folder: string) => Promise<T>,
): Promise<T> {
  return besideFolder(target, async (folder) => {
    const result = await build(folder);
    place(folder, target);
    return result;
  });
}
