import { fold, keyOf, normal } from "../../src/core/random.js";
import type { NormalsWork } from "../work.js";
import type { Job } from "./job.js";

/** A draw of float64 normal numbers from a key. */
export function normalsJob({ count }: NormalsWork): Job {
  return {
    run: async (repetition) => {
      normal(fold(keyOf(repetition), "bench"), count);
    },
  };
}
