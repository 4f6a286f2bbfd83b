import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { cacheFolder, setupFolder, setupVersions } from "../../src/engine/cache-folder.js";

describe("cacheFolder", () => {
  it.each([
    [{}, join(homedir(), ".cache", "isoscope")],
    [{ XDG_CACHE_HOME: "/elsewhere" }, "/elsewhere/isoscope"],
    [{ XDG_CACHE_HOME: "not/absolute" }, join(homedir(), ".cache", "isoscope")],
    [{ XDG_CACHE_HOME: "/elsewhere", ISOSCOPE_CACHE: "/disk" }, "/disk"],
    [{ XDG_CACHE_HOME: "/elsewhere", ISOSCOPE_CACHE: "" }, "/elsewhere/isoscope"],
    [{ ISOSCOPE_CACHE: "here" }, resolve("here")],
  ])("is, with %j, %s", (environment, expected) => {
    expect(cacheFolder(environment)).toBe(expected);
  });

  it("holds a set-up under its name and version", () => {
    const folder = setupFolder("cuda", { ISOSCOPE_CACHE: "/disk" });
    expect(folder).toBe(`/disk/cuda-${setupVersions.cuda}`);
  });
});
