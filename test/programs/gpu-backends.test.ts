import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { setupFolder, setupRecord, setupVersions } from "../../src/engine/cache-folder.js";
import { inFolder, isoscope, tiny } from "../support/program.js";

/** A machine without GPU drivers and without anything set up, whatever this one has. */
function without(folder: string) {
  const nowhere = join(folder, "nowhere", "driver.json");
  return { VK_DRIVER_FILES: nowhere, VK_ICD_FILENAMES: nowhere, ISOSCOPE_CACHE: folder };
}

const spp = (backend: string, folder: string) =>
  isoscope(
    ["spp", tiny, "--batch", "2", "--seeds", "1", "--format", "svg", "--backend", backend],
    folder,
    without(folder),
  );

/** A set-up of CUDA whose copy of ONNX Runtime is of another version than the installed one. */
function plantOtherVersion(cache: string): void {
  const folder = setupFolder("cuda", { ISOSCOPE_CACHE: cache });
  const runtime = join(folder, "node_modules", "onnxruntime-node");
  mkdirSync(runtime, { recursive: true });
  writeFileSync(join(folder, setupRecord), "{}");
  const description = JSON.stringify({ name: "onnxruntime-node", version: "1.29.0" });
  writeFileSync(join(runtime, "package.json"), description);
}

describe.runIf(process.platform === "linux" && process.arch === "x64")(
  "a set-up with another version of ONNX Runtime",
  () => {
    const held = `holds ONNX Runtime 1.29.0 instead of ${setupVersions.cuda}`;

    it("is refused by the backend that needs it in one line, with exit code 5", async () => {
      await inFolder((folder) => {
        plantOtherVersion(folder);
        const { code, err } = spp("cuda", folder);
        expect(code).toBe(5);
        const lines = err.match(/^isoscope: .*$/gm) ?? [];
        expect(lines).toHaveLength(1);
        expect(lines[0]).toContain(held);
        expect(lines[0]).toMatch(/; run isoscope setup cuda --force$/);
        expect(err).not.toMatch(/\n {4}at /);
      });
    });

    it("is left alone by the others, and told by doctor", async () => {
      await inFolder((folder) => {
        plantOtherVersion(folder);
        const { code, err } = spp("onnx", folder);
        expect({ code, err }).toMatchObject({ code: 0 });
        const { out } = isoscope(["doctor", "--quick"], folder, without(folder));
        expect(out.replace(/\s+/g, " ")).toContain(held);
      });
    });
  },
);

/** Elsewhere GPU drivers are part of the system. */
describe.runIf(process.platform === "linux")("without a GPU", () => {
  it.each([
    ["webgpu", /^isoscope: backend "webgpu" cannot start: .+; use --backend onnx$/m],
    [
      "cuda",
      /^isoscope: backend "cuda" cannot start: .+; (run isoscope setup cuda|use --backend)/m,
    ],
  ])("the backend %s says what is missing, with exit code 5", async (backend, says) => {
    await inFolder((folder) => {
      const { code, err } = spp(backend, folder);
      expect(code).toBe(5);
      expect(err).toMatch(says);
      expect(err.match(/^isoscope: /gm)).toHaveLength(1);
      expect(err).not.toMatch(/\n {4}at /);
    });
  });

  it("the choice of the machine is the CPU, and is said and recorded", async () => {
    await inFolder((folder) => {
      const { code, err } = spp("auto", folder);
      expect({ code, err }).toMatchObject({ code: 0 });
      expect(err).toMatch(/backend: onnx/);
    });
  });
});
