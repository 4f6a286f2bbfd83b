import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Source } from "./sources.js";
import { importsOf, packageOf, root, sourceOf, sourcesOf } from "./sources.js";

interface Facade {
  readonly packages: readonly string[];
  /** A file, or a folder that ends in `/`. */
  readonly files: readonly string[];
  readonly reason: string;
}

/** Who may import what. A package that is not here may not be imported at all. */
const facades: readonly Facade[] = [
  {
    packages: ["@tensorflow/tfjs-core"],
    files: ["engine/tf.ts"],
    reason: "every other file reads TensorFlow.js from this one, so one copy is registered",
  },
  {
    packages: ["@tensorflow/tfjs-backend-cpu"],
    files: ["engine/backends/"],
    reason: "importing it registers its kernels, which only a chosen backend may do",
  },
  {
    packages: ["@tensorflow/tfjs-backend-wasm"],
    files: ["engine/backends/wasm.ts"],
    reason: "importing it registers its kernels, and it needs the path of its .wasm files",
  },
  {
    packages: ["onnxruntime-node", "onnxruntime-common"],
    files: ["engine/backends/onnx/"],
    reason: "a native library, loaded when that backend is chosen",
  },
  { packages: ["zod"], files: ["core/schema.ts"], reason: "its messages become ours there" },
  { packages: ["yaml"], files: ["experiment/yaml.ts"], reason: "positions become ours there" },
  { packages: ["yargs"], files: ["cli/parse.ts"], reason: "the command line is read once" },
  { packages: ["cli-progress"], files: ["cli/progress.ts"], reason: "progress goes to stderr" },
  { packages: ["picocolors"], files: ["cli/terminal.ts"], reason: "colour obeys NO_COLOR once" },
  { packages: ["npyjs"], files: ["data/npy.ts"], reason: "one reader a format" },
  {
    packages: ["vega", "vega-lite"],
    files: ["report/vega.ts"],
    reason: "heavy: loaded when a chart is drawn",
  },
  {
    packages: ["vega-embed"],
    files: ["report/vega.ts", "report/page"],
    reason: "the pages carry their bundles",
  },
  {
    packages: ["@resvg/resvg-js", "dejavu-fonts-ttf"],
    files: ["report/png.ts"],
    reason: "a native library and its font, loaded when a PNG is drawn",
  },
];

/** Files that may touch the disk. */
const diskFacade: Facade = {
  packages: ["node:fs", "node:fs/promises"],
  files: [
    "data/",
    "training/checkpoint.ts",
    "experiment/store.ts",
    "experiment/catalogue.ts",
    "report/write.ts",
    "cli/",
  ],
  reason: "what is read and written stays in view",
};

/** Files that may start other programs. */
const programFacade: Facade = {
  packages: ["node:child_process"],
  files: ["cli/setup/program.ts"],
  reason: "setting up builds and fetches by programs of the machine",
};

/** Node's own modules that do not reach outside the process. */
const harmless = ["crypto", "module", "os", "path", "process", "url", "util", "zlib"].map(
  (m) => `node:${m}`,
);

function within(path: string, { files }: Facade): boolean {
  return files.some((file) => (file.endsWith(".ts") ? path === file : path.startsWith(file)));
}

function wrongPackages(source: Source): readonly string[] {
  return importsOf(source).flatMap(({ specifier, line }) => {
    const name = packageOf(specifier);
    // A package's description tells its version and runs nothing.
    if (name === undefined || specifier === `${name}/package.json`) return [];
    const facade = facades.find(({ packages }) => packages.includes(name));
    if (facade !== undefined && within(source.path, facade)) return [];
    const where = facade === undefined ? "nowhere" : `${facade.files.join(", ")}: ${facade.reason}`;
    return [`src/${source.path}:${line}: ${specifier}; allowed in ${where}`];
  });
}

function wrongBuiltins(source: Source): readonly string[] {
  return importsOf(source)
    .filter(({ specifier }) => isBuiltin(specifier) || specifier.startsWith("node:"))
    .filter(({ specifier }) => !harmless.includes(specifier))
    .filter(
      ({ specifier }) =>
        ![diskFacade, programFacade].some(
          (facade) => facade.packages.includes(specifier) && within(source.path, facade),
        ),
    )
    .map(({ specifier, line }) => `src/${source.path}:${line}: ${specifier}`);
}

const sources = sourcesOf("src");

describe("packages", () => {
  it("are imported in their façade files only", () => {
    expect(sources.flatMap(wrongPackages)).toEqual([]);
  });

  it("are dependencies that somebody imports or finds by name", () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const everything = sources.map(({ text }) => text).join("\n");
    const isNamed = (name: string) => new RegExp(`["'\`]${name}["'\`/]`).test(everything);
    const unused = Object.keys(dependencies).filter((name) => !isNamed(name));
    expect(unused).toEqual([]);
  });

  it("have a façade for every dependency, and no façade without one", () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const listed = facades.flatMap(({ packages }) => packages);
    // Comes with onnxruntime-node and is its types.
    const direct = listed.filter((name) => name !== "onnxruntime-common");
    expect(direct.sort()).toEqual(Object.keys(dependencies).sort());
  });

  it.each([
    ["layers/a.ts", 'import { tidy } from "@tensorflow/tfjs-core";'],
    ["report/page.ts", 'const v = await import("vega");'],
    ["engine/wasm.ts", 'import "@tensorflow/tfjs-backend-wasm/dist/x.js";'],
    ["cli/main.ts", 'import z from "zod";'],
    ["report/page.ts", "const f = require.resolve(`dejavu-fonts-ttf/$" + "{face}`);"],
    ["cli/main.ts", 'const l = require("lodash");'],
    ["data/npy.ts", 'const f = require.resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf");'],
  ])("are told apart: %s may not hold %s", (path, text) => {
    expect(wrongPackages(sourceOf(path, text))).toHaveLength(1);
  });
});

describe("the disk and the machine", () => {
  it("are touched in the files that may", () => {
    expect(sources.flatMap(wrongBuiltins)).toEqual([]);
  });

  it.each([
    ["layers/a.ts", 'import { readFileSync } from "node:fs";'],
    ["analyses/a.ts", 'import { readFile } from "node:fs/promises";'],
    ["cli/a.ts", 'import { request } from "node:https";'],
    ["cli/a.ts", 'import { spawn } from "node:child_process";'],
    ["data/a.ts", 'import { join } from "path";'],
  ])("are told apart: %s may not hold %s", (path, text) => {
    expect(wrongBuiltins(sourceOf(path, text))).toHaveLength(1);
  });
});
