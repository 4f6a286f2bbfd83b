import { existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { formatBytes } from "../../core/bytes.js";
import { failure } from "./work.js";

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(dirname(folder));
}

/** Bytes this user can still write below a folder, which need not be there yet. */
export function freeSpace(folder: string): number {
  const { bavail, bsize } = statfsSync(nearestExisting(folder));
  return bavail * bsize;
}

/** Throws `MachineError` unless `bytes` fit on the disk of `folder`. */
export function needSpace(folder: string, bytes: number, free = freeSpace(folder)): void {
  if (free >= bytes) return;
  throw failure(
    `${formatBytes(bytes)} of disk are needed below ${folder}, ${formatBytes(free)} are free; make room or set ISOSCOPE_CACHE to a folder on another disk`,
  );
}
