import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildFolder } from "../../../src/cli/setup/folder.js";
import { MachineError } from "../../../src/core/errors.js";
import { inFolder } from "../../support/program.js";

const write = (text: string) => async (folder: string) => {
  writeFileSync(join(folder, "file"), text);
  return text.length;
};

/** A process number that no system gives: Linux stops at 2^22. */
const nobody = 2 ** 22 + 7;

describe("buildFolder", () => {
  it("puts a finished folder in its place, makes the folders above, and leaves nothing beside it", async () => {
    await inFolder(async (base) => {
      const target = join(base, "cache", "thing-1.3");
      expect(await buildFolder(target, write("whole"))).toBe(5);
      expect(readFileSync(join(target, "file"), "utf8")).toBe("whole");
      expect(readdirSync(join(base, "cache"))).toEqual(["thing-1.3"]);
    });
  });

  it("replaces a folder that is there", async () => {
    await inFolder(async (base) => {
      const target = join(base, "thing");
      await buildFolder(target, write("old"));
      await buildFolder(target, write("new"));
      expect(readFileSync(join(target, "file"), "utf8")).toBe("new");
      expect(readdirSync(base)).toEqual(["thing"]);
    });
  });

  it("leaves what was there, and no half of the new, when the work fails", async () => {
    await inFolder(async (base) => {
      const target = join(base, "thing");
      await buildFolder(target, write("old"));
      const failing = async (folder: string) => {
        await write("half")(folder);
        expect(existsSync(join(base, "thing", "file"))).toBe(true);
        throw new Error("broken off");
      };
      await expect(buildFolder(target, failing)).rejects.toThrow("broken off");
      expect(readFileSync(join(target, "file"), "utf8")).toBe("old");
      expect(readdirSync(base)).toEqual(["thing"]);
    });
  });

  it("removes what killed processes left, not what a living one works on, nor other folders", async () => {
    await inFolder(async (base) => {
      const living = `.thing-partial-${process.ppid}`;
      for (const name of [`.thing-partial-${nobody}`, `.thing-old-${nobody}`, living, "other"]) {
        mkdirSync(join(base, name));
      }
      await buildFolder(join(base, "thing"), write("new"));
      expect(readdirSync(base).sort()).toEqual([living, "other", "thing"]);
    });
  });

  it("says in one line when no folder can be made", async () => {
    await inFolder(async (base) => {
      writeFileSync(join(base, "file"), "");
      const building = buildFolder(join(base, "file", "thing"), write("new"));
      await expect(building).rejects.toThrow(MachineError);
    });
  });
});
