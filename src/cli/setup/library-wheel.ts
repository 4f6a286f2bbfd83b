import { existsSync } from "node:fs";
import { join } from "node:path";
import { formatBytes } from "../../core/bytes.js";
import { cacheFolder } from "../../engine/cache-folder.js";
import { needSpace } from "./space.js";
import { downloadsFolder, type Wheel } from "./wheel.js";
import type { Work } from "./work.js";

/** A wheel whose shared libraries are taken. */
export interface LibraryWheel extends Wheel {
  /** Names of what is taken. */
  readonly members: RegExp;
  /** Bytes of these on the disk. */
  readonly unpacked: number;
}

/** Shared libraries of NVIDIA, but for stand-ins for another BLAS and another FFT. */
export const sharedLibraries = /nvidia\/.*\/lib(?!nvblas|cufftw)[\w-]+\.so(\.\d+)*$/;

function sum(wheels: readonly LibraryWheel[], of: (wheel: LibraryWheel) => number): number {
  return wheels.reduce((total, wheel) => total + of(wheel), 0);
}

/**
 * Tells what will be fetched and what will stay.
 * Errors thrown: `MachineError` when the disk is too small for both at once.
 */
export function forecast(wheels: readonly LibraryWheel[], work: Work): void {
  const cache = cacheFolder();
  const left = wheels.filter(({ file }) => !existsSync(join(downloadsFolder(cache), file)));
  const fetched = sum(left, ({ bytes }) => bytes);
  const kept = sum(wheels, ({ unpacked }) => unpacked);
  work.say(`${formatBytes(fetched)} to download, ${formatBytes(kept)} on the disk afterwards`);
  needSpace(cache, fetched + kept);
}
