import { freemem, totalmem } from "node:os";
import { constrainedMemory, memoryUsage } from "node:process";

/** Bytes this process may still use under its control group's limit, infinite without one. */
function underLimit(): number {
  const limit = constrainedMemory();
  // Without a limit Node gives 0 or a number beyond the machine's memory.
  if (limit <= 0 || limit > totalmem()) return Number.POSITIVE_INFINITY;
  return Math.max(0, limit - memoryUsage.rss());
}

/**
 * Bytes that can still be had: the free memory of the machine, or what the control group's limit
 * leaves.
 */
export function availableMemory(): number {
  return Math.min(freemem(), underLimit());
}
