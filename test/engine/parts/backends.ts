import { beforeAll, describe, test } from "vitest";
import type { BackendName } from "../../../src/engine/index.js";
import { backendNames, missingFor, useBackend } from "../../../src/engine/index.js";

/** Backends that must be there, for machines that set all of them up: `onnx,wasm,...`. */
const required = (process.env["ISOSCOPE_REQUIRE_BACKENDS"] ?? "")
  .split(",")
  .filter((name) => name !== "");

const unknown = required.filter((name) => !backendNames.some((known) => known === name));
if (unknown.length > 0) throw new Error(`unknown backends are required: ${unknown.join(", ")}`);

/** Whether a backend is tested here: it is there, or it must be. */
export function isTested(name: BackendName): boolean {
  return required.includes(name) || missingFor(name) === undefined;
}

/**
 * One suite for each backend, which is started before it. A backend that this machine lacks is
 * skipped by name; where backends are required, those fail when they are missing, and the others
 * are left out, so that no test is skipped.
 */
export function describeBackends(
  title: (name: BackendName) => string,
  body: (name: BackendName) => void,
  names: readonly BackendName[] = backendNames,
): void {
  for (const name of names) {
    if (isTested(name)) {
      describe(title(name), () => {
        beforeAll(() => useBackend(name));
        body(name);
      });
    } else if (required.length === 0) {
      describe.skip(title(name), () => test(`needs more: ${missingFor(name)}`, () => {}));
    }
  }
}

/** Every backend but plain JavaScript, with which the others are compared. */
export const comparedBackends = backendNames.filter((name) => name !== "cpu");
