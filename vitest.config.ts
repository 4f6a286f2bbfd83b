import { existsSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** The GPU in software that Debian's chromium-common brings; a driver that is named goes first. */
const software = "/usr/lib/chromium/vk_swiftshader_icd.json";
const { VK_DRIVER_FILES, VK_ICD_FILENAMES = existsSync(software) ? software : undefined } =
  process.env;
const isSoftware = VK_DRIVER_FILES === undefined && VK_ICD_FILENAMES !== undefined;

/** Tensor tests share one global TensorFlow.js engine a process, hence forked pools. */
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    env: isSoftware ? { VK_ICD_FILENAMES } : {},
  },
});
