import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inFolder, root } from "../support/program.js";

const guide = readFileSync(join(root, "CONTRIBUTING.md"), "utf8");
const example = /```ts\n([\s\S]*?)```/.exec(guide)?.[1] ?? "";
const commands = /```sh\n([\s\S]*?)```/.exec(guide)?.[1]?.trim().split("\n") ?? [];

function copyOfCheckout(folder: string): void {
  for (const name of [
    "src",
    "bin",
    "scripts",
    "assets",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "tsconfig.build.json",
  ]) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
}

describe("the example of CONTRIBUTING.md", () => {
  it("goes from one new file to a report by the commands as printed", async () => {
    expect(example).toMatch(/export default rezero;/);
    expect(commands).toHaveLength(3);
    await inFolder((folder) => {
      copyOfCheckout(folder);
      writeFileSync(join(folder, "src", "architectures", "rezero.ts"), example);
      const run = (command: string, words: string[]) => {
        const { status, stdout, stderr } = spawnSync(command, words, {
          cwd: folder,
          encoding: "utf8",
          shell: false,
        });
        expect({ status, stderr: status === 0 ? "" : stderr + stdout }).toEqual({
          status: 0,
          stderr: "",
        });
        return stdout;
      };
      const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
      run(process.execPath, [tsc, "-p", "tsconfig.build.json"]);
      expect(run("sh", ["-c", commands[1] ?? "false"])).toMatch(/rezero:depth=56/);
      const quick = `${commands[2]} --quick`;
      expect(run("sh", ["-c", quick])).toMatch(/report: .*reports\/rezero\/index\.html/);
    });
  });
});
