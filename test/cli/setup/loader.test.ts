import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { missingLibraries, systemLibraries } from "../../../src/cli/setup/loader.js";
import { inFolder } from "../../support/program.js";
import { quietWork } from "./work.js";

/** What each library of a made-up folder needs; `b` and `c` need each other. */
const needs: Readonly<Record<string, readonly string[]>> = {
  "provider.so": ["b.so", "libc.so.6", "driver.so.1"],
  "b.so": ["c.so", "driver.so.1"],
  "c.so": ["b.so", "maths.so.13"],
  "alone.so": ["elsewhere.so"],
};

const read = (path: string) => ({
  soname: undefined,
  runPath: undefined,
  needed: needs[basename(path)]!,
});

function missing(roots: readonly string[], system: readonly string[]) {
  return inFolder((folder) => {
    for (const name of Object.keys(needs)) writeFileSync(join(folder, name), "");
    return missingLibraries(folder, roots, (soname) => system.includes(soname), read);
  });
}

describe("missingLibraries", () => {
  it("follows needs through the folder and names what nobody has once, with who asks", async () => {
    expect(await missing(["provider.so"], ["libc.so.6"])).toEqual([
      { soname: "maths.so.13", askedBy: "c.so" },
      { soname: "driver.so.1", askedBy: "b.so" },
    ]);
  });

  it("finds nothing missing when the system has the rest", async () => {
    const system = ["libc.so.6", "driver.so.1", "maths.so.13"];
    expect(await missing(["provider.so"], system)).toEqual([]);
  });

  it("looks at every root", async () => {
    expect(await missing(["b.so", "alone.so"], ["driver.so.1", "maths.so.13"])).toEqual([
      { soname: "elsewhere.so", askedBy: "alone.so" },
    ]);
  });
});

describe("systemLibraries", () => {
  it("finds the C library and no library of a made-up name", async () => {
    const find = await systemLibraries(quietWork());
    expect(find("libc.so.6")).toBe(true);
    expect(find("libisoscope-no-such.so.13")).toBe(false);
  });
});
