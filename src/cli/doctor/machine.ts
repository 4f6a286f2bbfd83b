import { availableParallelism } from "node:os";
import { formatBytes } from "../../core/bytes.js";
import { availableMemory } from "../../engine/memory.js";
import type { Finding } from "./finding.js";

/** Node, processor and memory. */
export function machineFinding(): Finding {
  const { platform, arch, versions } = process;
  const cores = `${availableParallelism()} cores`;
  const memory = `${formatBytes(availableMemory())} of memory free`;
  return {
    what: "machine",
    state: "works",
    detail: `Node ${versions.node}, ${platform} ${arch}, ${cores}, ${memory}`,
  };
}
