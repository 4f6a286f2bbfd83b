import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inFolder, root } from "../support/program.js";

const consumer = `
import type { Network, ParameterSpec, Row } from "isoscope";
import { buildOne, fold, keyOf, normal, parameterCount, parameterSpecs, parseSpec, resolveExperiment, runExperiment, useBackend } from "isoscope";
import { heFanIn } from "isoscope/initializers";
import { conv2d } from "isoscope/layers";

const layer = conv2d({ filters: 6, size: 3, initializer: heFanIn() });
const specs: readonly ParameterSpec[] = layer.parameters([8, 8, 4]);
const { network }: { network: Network } = await buildOne("fixup:depth=56");
const draws = normal(fold(keyOf(3), "consumer"), 4);
await useBackend("onnx");
const spec = parseSpec({ architectures: ["isonet:input=cifar,depth=8"], batch: 2, seeds: 1 }, "consumer");
const rows: readonly Row[] = await runExperiment(await resolveExperiment(spec, { folder: ".", quick: false }), "0");
console.log(JSON.stringify({ weights: specs[0]?.shape, parameters: parameterCount(parameterSpecs(network)), draws: draws.length, rows: rows.length > 40 }));
`;

interface Listed {
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

const settings = {
  compilerOptions: {
    module: "NodeNext",
    moduleResolution: "NodeNext",
    target: "ES2023",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    types: [],
    outDir: "out",
    rootDir: ".",
    skipLibCheck: true,
    lib: ["ES2023", "DOM"],
  },
  files: ["consumer.ts"],
};

function run(command: string, words: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, words, { cwd, encoding: "utf8" });
  expect({ command, words, status, said: status === 0 ? "" : stderr + stdout }).toMatchObject({
    status: 0,
  });
  return stdout;
}

describe("the published package", () => {
  it("installs from its tarball into an empty project, answers --help and serves a typed consumer", async () => {
    await inFolder((folder) => {
      const [packed, project] = [join(folder, "packed"), join(folder, "project")];
      for (const made of [packed, project]) mkdirSync(made);
      run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", packed], root);
      const [tarball = ""] = readdirSync(packed);
      writeFileSync(
        join(project, "package.json"),
        JSON.stringify({ private: true, type: "module" }),
      );
      run(
        "npm",
        [
          "install",
          "--silent",
          "--ignore-scripts",
          "--no-audit",
          "--no-fund",
          join(packed, tarball),
        ],
        project,
      );
      expect(run("npx", ["isoscope", "--help"], project)).toMatch(/isoscope <command>/);
      expect(run("npx", ["isoscope", "describe", "fixup:depth=56"], project)).toMatch(/849,091/);
      writeFileSync(join(project, "consumer.ts"), consumer);
      writeFileSync(join(project, "tsconfig.json"), JSON.stringify(settings));
      run(
        process.execPath,
        [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", "."],
        project,
      );
      const said = JSON.parse(
        run(process.execPath, ["out/consumer.js"], project).trim().split("\n").at(-1) ?? "",
      );
      expect(said).toEqual({ weights: [3, 3, 4, 6], parameters: 849_091, draws: 4, rows: true });
    });
  }, 300_000);

  it("carries no test, no source map of a machine's path and stays under 4 MB", () => {
    const words = ["pack", "--dry-run", "--json", "--silent", "--ignore-scripts"];
    const listed = JSON.parse(run("npm", words, root)) as Listed[] | Record<string, Listed>;
    const [{ size, files }] = Object.values(listed) as [Listed];
    expect(size).toBeLessThan(4e6);
    expect(
      files
        .map(({ path }) => path)
        .filter((path) => /^(test|src|bench|reports|node_modules)\//.test(path)),
    ).toEqual([]);
    expect(files.some(({ path }) => path === "dist/cli/main.js")).toBe(true);
    expect(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).dependencies).toBeDefined();
  });
});
