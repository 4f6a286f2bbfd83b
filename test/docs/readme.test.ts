import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { names } from "../../src/experiment/catalogue.js";
import { isoscope, root } from "../support/program.js";

const readme = readFileSync(join(root, "README.md"), "utf8");

/** What the README shows behind a command, up to the end of the block. */
function shown(command: string): string {
  const at = readme.indexOf(`$ ${command}\n`);
  expect(at, command).toBeGreaterThan(0);
  const from = at + command.length + 3;
  return readme.slice(from, readme.indexOf("\n```", from));
}

describe("README.md", () => {
  it("shows the totals of describe as they are", () => {
    const { out } = isoscope(["describe", "convshort:depth=50"]);
    const last = out.trim().split("\n").slice(-3).join("\n");
    expect(shown("isoscope describe convshort:depth=50 | tail -3")).toBe(last);
  });

  it("shows the answer to a mistyped name as it is", () => {
    expect(shown("isoscope spp isonett")).toBe(isoscope(["spp", "isonett"]).err.trim());
  });

  it("has a row for every architecture and every analysis", () => {
    for (const name of [...names("architectures"), ...names("analyses")]) {
      expect(readme).toMatch(new RegExp(`\\| \`${name}\` +\\|`));
    }
  });

  it("points only at files that are there", () => {
    const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, target = ""]) => target);
    const local = links.filter((target) => !target.includes("://"));
    expect(local.length).toBeGreaterThan(4);
    expect(local.filter((target) => !existsSync(join(root, target)))).toEqual([]);
  });
});
