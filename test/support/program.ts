import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** What a run of the program left. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

type Environment = Readonly<Record<string, string>>;

/** Runs the built program and waits for it. */
export function isoscope(
  words: readonly string[],
  cwd: string = root,
  environment: Environment = {},
): Outcome {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "bin", "isoscope.js"), ...words],
    {
      cwd,
      encoding: "utf8",
      maxBuffer: 1 << 28,
      env: { ...process.env, NO_COLOR: "1", ...environment },
    },
  );
  return { code: status, out: stdout, err: stderr };
}

/** Starts the built program; the caller talks to it and waits. */
export function startIsoscope(words: readonly string[], cwd: string = root) {
  return spawn(process.execPath, [join(root, "bin", "isoscope.js"), ...words], {
    cwd,
    env: { ...process.env, NO_COLOR: "1" },
  });
}

/** A new empty folder that is removed when `use` is done. */
export async function inFolder<T>(use: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "isoscope-test-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A tiny network that measures in a fraction of a second. */
export const tiny = "isonet:input=cifar,depth=8";
