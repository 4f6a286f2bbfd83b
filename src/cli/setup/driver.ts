import { existsSync, readFileSync } from "node:fs";
import { systemLibraries } from "./loader.js";
import { failure, type Work } from "./work.js";

/** The library of NVIDIA's driver; it comes with the kernel's module, not with CUDA. */
export const driverLibrary = "libcuda.so.1";

/** The first driver of NVIDIA that runs programs of a major version of CUDA. */
const oldestDriver = { 12: 525, 13: 580 } as const;

/** A major version of CUDA. */
export type Cuda = keyof typeof oldestDriver;

/** Where the kernel's module of the driver tells its version. */
const versionFile = "/proc/driver/nvidia/version";

/** `580.65` of "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06  ...". */
export function driverVersion(text: string): number | undefined {
  const found = /Kernel Module\D*(?:x86_64\D*)?\s(\d+\.\d+)/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** The driver in words, for a machine that lacks it. */
export function wantedDriver(cuda: Cuda): string {
  return `${driverLibrary} (NVIDIA's driver, version ${oldestDriver[cuda]} or newer)`;
}

/**
 * Looks for NVIDIA's driver.
 * Errors thrown: `MachineError` that begins with `there` when it is missing or too old.
 */
export async function checkDriver(cuda: Cuda, there: string, work: Work): Promise<void> {
  const find = await systemLibraries(work);
  if (!find(driverLibrary)) {
    throw failure(`${there}; missing on this machine: ${wantedDriver(cuda)}`);
  }
  const told = existsSync(versionFile) ? readFileSync(versionFile, "utf8") : "";
  const version = driverVersion(told) ?? oldestDriver[cuda];
  if (version >= oldestDriver[cuda]) return;
  throw failure(
    `${there}; NVIDIA's driver is ${version}, and ${oldestDriver[cuda]} or newer is needed`,
  );
}
