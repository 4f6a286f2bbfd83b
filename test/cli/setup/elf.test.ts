import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSharedLibrary } from "../../../src/cli/setup/elf.js";
import { MachineError } from "../../../src/core/errors.js";
import { inFolder } from "../../support/program.js";

const require = createRequire(import.meta.url);
const home = dirname(require.resolve("onnxruntime-node/package.json"));
const native = join(home, "bin", "napi-v6", "linux", "x64");

describe("readSharedLibrary", () => {
  it("reads names, needs and the search path of a binding and its library", () => {
    const binding = readSharedLibrary(join(native, "onnxruntime_binding.node"));
    expect(binding.needed).toContain("libonnxruntime.so.1");
    expect(binding.runPath).toMatch(/\$ORIGIN/);
    const library = readSharedLibrary(join(native, "libonnxruntime.so.1"));
    expect(library.soname).toBe("libonnxruntime.so.1");
    expect(library.needed.some((name) => name.startsWith("libc.so"))).toBe(true);
  });

  it.each([
    ["a text", Buffer.from("hello")],
    ["nothing", Buffer.alloc(0)],
    ["a header of another machine", Buffer.from(`\x7fELF\x01\x01${"\0".repeat(200)}`, "latin1")],
    ["a header alone", Buffer.from(`\x7fELF\x02\x01${"\x07".repeat(58)}`, "latin1")],
  ])("refuses %s in one line", async (_, bytes) => {
    await inFolder((folder) => {
      const path = join(folder, "x.so");
      writeFileSync(path, bytes);
      expect(() => readSharedLibrary(path)).toThrow(MachineError);
      expect(() => readSharedLibrary(path)).toThrow(/x\.so: not a shared library/);
    });
  });
});
