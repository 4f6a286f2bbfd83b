import { describe, expect, it } from "vitest";
import { needPlatform } from "../../../src/cli/setup/requirements.js";
import { needSpace } from "../../../src/cli/setup/space.js";
import { MachineError } from "../../../src/core/errors.js";

describe("needPlatform", () => {
  it.each([
    ["macOS", { system: "darwin", architecture: "arm64", glibc: undefined }, /darwin arm64/],
    ["an ARM server", { system: "linux", architecture: "arm64", glibc: "2.36" }, /linux arm64/],
    ["Alpine", { system: "linux", architecture: "x64", glibc: undefined }, /has none/],
    ["an old Linux", { system: "linux", architecture: "x64", glibc: "2.26" }, /has glibc 2\.26/],
  ])("refuses %s and says what is needed", (_, platform, says) => {
    expect(() => needPlatform("cuda", [2, 27], platform)).toThrow(MachineError);
    expect(() => needPlatform("cuda", [2, 27], platform)).toThrow(says);
    expect(() => needPlatform("cuda", [2, 27], platform)).toThrow(/Linux x64 with glibc 2\.27/);
  });

  it.each(["2.27", "2.36", "3.1"])("takes Linux x64 with glibc %s", (glibc) => {
    const platform = { system: "linux", architecture: "x64", glibc };
    expect(() => needPlatform("cuda", [2, 27], platform)).not.toThrow();
  });
});

describe("needSpace", () => {
  it("refuses a disk that is too small, with both numbers", () => {
    expect(() => needSpace("/cache", 2.4e9, 1.3e9)).toThrow(MachineError);
    expect(() => needSpace("/cache", 2.4e9, 1.3e9)).toThrow(/2\.4 GB .* \/cache, 1\.3 GB are free/);
    expect(() => needSpace("/cache", 2.4e9, 2.4e9)).not.toThrow();
  });

  it("asks the disk of the nearest folder that is there", () => {
    expect(() => needSpace("/no/such/folder", 1)).not.toThrow();
    expect(() => needSpace("/no/such/folder", 1e18)).toThrow(MachineError);
  });
});
