import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { home, setupConflict, versionConflict } from "../../src/engine/backends/onnx/home.js";
import { setupFolder, setupRecord, setupVersions } from "../../src/engine/cache-folder.js";
import { inFolder } from "../support/program.js";

const fitting = setupVersions.cuda;

afterEach(() => vi.unstubAllEnvs());

/** A set-up of CUDA with a copy of that version in a cache folder; without one, with no copy. */
function planted(cache: string, copy: string | undefined): void {
  vi.stubEnv("ISOSCOPE_CACHE", cache);
  const folder = setupFolder("cuda");
  const runtime = join(folder, "node_modules", "onnxruntime-node");
  mkdirSync(runtime, { recursive: true });
  writeFileSync(join(folder, setupRecord), "{}");
  const description = JSON.stringify({ name: "onnxruntime-node", version: copy });
  if (copy !== undefined) writeFileSync(join(runtime, "package.json"), description);
}

/** The version of ONNX Runtime that would be loaded. */
function loadedVersion(): string {
  return (home()("onnxruntime-node/package.json") as { version: string }).version;
}

describe("two versions of ONNX Runtime", () => {
  test.each([
    [
      { own: "1.31.2", copy: fitting },
      `CUDA is set up for ONNX Runtime ${fitting}, and onnxruntime-node 1.31.2 is installed; run npm install onnxruntime-node@${fitting}`,
    ],
    [{ own: undefined, copy: fitting }, /^CUDA is set up for .* is installed; run npm install/],
    [{ own: fitting, copy: "1.29.0" }, /holds ONNX Runtime 1\.29\.0 instead of/],
    [{ own: fitting, copy: undefined }, /holds no ONNX Runtime instead of/],
  ])("%j are told in one line with what helps", (versions, says) => {
    const said = versionConflict(versions);
    expect(said).toMatch(says);
    expect(said).toMatch(/^[^\n]+; run \S.+$/);
  });

  test("of the same number are no conflict", () => {
    expect(versionConflict({ own: fitting, copy: fitting })).toBeUndefined();
  });

  test.each(["1.29.0", undefined])(
    "a set-up that holds %s is left alone, and everything else runs on the installed one",
    async (copy) => {
      await inFolder((folder) => {
        planted(folder, copy);
        expect(setupConflict()).toMatch(/run isoscope setup cuda --force$/);
        expect(loadedVersion()).toBe(fitting);
      });
    },
  );

  test("a set-up for another version of the program is as good as none", async () => {
    await inFolder((folder) => {
      vi.stubEnv("ISOSCOPE_CACHE", folder);
      const other = join(folder, "cuda-1.29.0");
      mkdirSync(other, { recursive: true });
      writeFileSync(join(other, setupRecord), "{}");
      expect(setupConflict()).toBeUndefined();
      expect(loadedVersion()).toBe(fitting);
    });
  });

  test("a set-up of the right version is what everything runs on", async () => {
    await inFolder((folder) => {
      planted(folder, fitting);
      expect(setupConflict()).toBeUndefined();
      const from = home().resolve("onnxruntime-node/package.json");
      expect(from).toBe(
        join(setupFolder("cuda"), "node_modules", "onnxruntime-node", "package.json"),
      );
    });
  });
});
