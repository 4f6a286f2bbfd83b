import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Wheel } from "../../../src/cli/setup/wheel.js";
import {
  downloadWords,
  dropWheels,
  fetchWheel,
  unpackWheel,
} from "../../../src/cli/setup/wheel.js";
import { formatBytes } from "../../../src/core/bytes.js";
import { MachineError } from "../../../src/core/errors.js";
import { inFolder } from "../../support/program.js";
import { quietWork } from "./work.js";

const pip = spawnSync("python3", ["-m", "pip", "--version"]).status === 0;

const file = "isoscope_sample-1.3-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl";

/** Writes a wheel of two files, and its description, which pip reads. */
const making = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as z:
    z.writestr("sample/lib.so.2", "0.6")
    z.writestr("sample/readme", "1.3")
    z.writestr("isoscope_sample-1.3.dist-info/METADATA", "Metadata-Version: 2.1\\nName: isoscope-sample\\nVersion: 1.3\\n")
    z.writestr("isoscope_sample-1.3.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: false\\nTag: py3-none-manylinux2014_x86_64\\n")
    z.writestr("isoscope_sample-1.3.dist-info/RECORD", "")
`;

/** A folder that pip takes for the whole index, and the wheel in it. */
function makeIndex(folder: string): Wheel {
  const index = join(folder, "index");
  mkdirSync(index);
  spawnSync("python3", ["-c", making, join(index, file)]);
  const bytes = readFileSync(join(index, file));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  vi.stubEnv("PIP_NO_INDEX", "1");
  vi.stubEnv("PIP_FIND_LINKS", index);
  return { project: "isoscope-sample", version: "1.3", file, sha256, bytes: bytes.length };
}

afterEach(() => void vi.unstubAllEnvs());

describe("downloadWords", () => {
  it("names the platforms of the very file, and nothing of the Python that runs pip", () => {
    const words = downloadWords(
      { project: "isoscope-sample", version: "1.3", file, sha256: "", bytes: 0 },
      "folder",
    );
    expect(words.filter((word) => word.startsWith("--platform"))).toEqual([
      "--platform=manylinux2014_x86_64",
      "--platform=manylinux_2_17_x86_64",
    ]);
    expect(words.at(-1)).toBe("isoscope-sample==1.3");
    expect(words).toContain("--no-deps");
    expect(words).toContain("--only-binary=:all:");
  });
});

describe.runIf(pip)("fetchWheel", () => {
  it("fetches by pip with the user's configuration, keeps the file, and takes it from there next time", async () => {
    await inFolder(async (folder) => {
      const wheel = makeIndex(folder);
      const cache = join(folder, "cache");
      const path = await fetchWheel(wheel, cache, quietWork());
      expect(readFileSync(path)).toEqual(readFileSync(join(folder, "index", file)));
      expect(readdirSync(join(cache, "downloads"))).toEqual([file]);
      vi.stubEnv("PIP_FIND_LINKS", join(folder, "nowhere"));
      const work = quietWork();
      expect(await fetchWheel(wheel, cache, work)).toBe(path);
      const size = formatBytes(wheel.bytes);
      expect(work.said).toEqual([`isoscope-sample 1.3 (${size}): already downloaded`]);
      dropWheels([wheel], cache);
      expect(existsSync(path)).toBe(false);
    });
  });

  it("fetches again when what is kept is broken", async () => {
    await inFolder(async (folder) => {
      const wheel = makeIndex(folder);
      const cache = join(folder, "cache");
      mkdirSync(join(cache, "downloads"), { recursive: true });
      writeFileSync(join(cache, "downloads", file), "half of it");
      const path = await fetchWheel(wheel, cache, quietWork());
      expect(readFileSync(path)).toEqual(readFileSync(join(folder, "index", file)));
    });
  });

  it("refuses a file with another hash and keeps nothing of it", async () => {
    await inFolder(async (folder) => {
      const wheel = { ...makeIndex(folder), sha256: "0".repeat(64) };
      const fetching = fetchWheel(wheel, join(folder, "cache"), quietWork());
      await expect(fetching).rejects.toThrow(MachineError);
      await expect(fetching).rejects.toThrow(
        /is not the file it should be: its sha256 is [0-9a-f]/,
      );
      expect(readdirSync(join(folder, "cache", "downloads"))).toEqual([]);
    });
  });

  it("says in one line that a version is not to be had", async () => {
    await inFolder(async (folder) => {
      const wheel = { ...makeIndex(folder), version: "0.6" };
      const fetching = fetchWheel(wheel, join(folder, "cache"), quietWork());
      await expect(fetching).rejects.toThrow(
        /^setup: the download of isoscope-sample 0\.6 by pip failed: No matching distribution/,
      );
    });
  });

  it("unpacks the members that fit", async () => {
    await inFolder(async (folder) => {
      makeIndex(folder);
      const out = join(folder, "out");
      const members = /sample\/.*\.so(\.\d+)*$/;
      await unpackWheel(join(folder, "index", file), out, members, quietWork());
      expect(readFileSync(join(out, "sample", "lib.so.2"), "utf8")).toBe("0.6");
      expect(existsSync(join(out, "sample", "readme"))).toBe(false);
    });
  });
});
