import { messageOf } from "../../core/errors.js";

/** One line of the doctor's answer. */
export interface Finding {
  readonly what: string;
  readonly state: "works" | "missing";
  readonly detail: string;
  /** What a backend needs, in words. */
  readonly needs?: string;
  /** Billions of floating-point operations a second in a chain of 3x3 convolutions. */
  readonly gflops?: number;
}

/** `check`'s detail, or the first line of what it threw. */
export async function findingOf(
  what: string,
  check: () => Promise<Omit<Finding, "what" | "state">>,
): Promise<Finding> {
  try {
    return { what, state: "works", ...(await check()) };
  } catch (error) {
    return { what, state: "missing", detail: messageOf(error).split("\n")[0] ?? "" };
  }
}
