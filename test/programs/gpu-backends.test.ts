import { join } from "node:path";
import { describe, expect, it } from "vitest";
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
