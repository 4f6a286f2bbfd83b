import { defineConfig } from "vitest/config";

/** Tensor tests share one global TensorFlow.js engine a process, hence forked pools. */
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
