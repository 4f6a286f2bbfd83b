// What is installed and built, compared with what the lockfile and the sources say.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamps = join(root, "node_modules", ".isoscope");

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
    .sort();
}

function hashOf(files) {
  const hash = createHash("sha256");
  for (const file of files)
    hash.update(file.slice(root.length)).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}

function stampOf(name) {
  const file = join(stamps, name);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function stamp(name, value) {
  mkdirSync(stamps, { recursive: true });
  writeFileSync(join(stamps, name), value);
}

/** Runs a program with its words shown; ends this one when it fails. */
export function run(command, words, options = {}) {
  const { status, signal } = spawnSync(command, words, { stdio: "inherit", cwd: root, ...options });
  if (status === 0) return;
  process.exit(status ?? (signal === "SIGINT" ? 75 : 70));
}

/** Runs a program of node_modules with this very Node. */
export function runLocal(script, words, options) {
  run(process.execPath, [join(root, "node_modules", script), ...words], options);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const fine = major > 20 || (major === 20 && minor >= 19);
  if (fine) return;
  console.error(`isoscope: Node ${process.versions.node} is too old; 20.19 or newer is needed`);
  process.exit(5);
}

/** Installs the packages of the lockfile unless they are what is there. */
export function installed() {
  checkNode();
  const wanted = hashOf([join(root, "package-lock.json")]);
  if (stampOf("lockfile") === wanted) return;
  console.error("isoscope: installing the packages of the lockfile ...");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  run(npm, ["ci", "--no-progress", "--loglevel=error"], {
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  stamp("lockfile", wanted);
}

/** Hash of everything that decides whether the tests pass. */
function testedHash() {
  const folders = ["src", "test", "scripts", "bin", "assets", "configs", "docs"].map((name) =>
    join(root, name),
  );
  const files = [
    "package.json",
    "package-lock.json",
    "README.md",
    "CONTRIBUTING.md",
    "vitest.config.ts",
  ];
  const all = [
    ...folders.filter((folder) => existsSync(folder)).flatMap(filesBelow),
    ...files.map((f) => join(root, f)),
  ];
  return hashOf(all.filter((file) => existsSync(file)));
}

/** Remembers that every test passed on these files with this Node. */
export function rememberTested() {
  stamp("tested", `${testedHash()} ${process.version}`);
}

/** Whether every test passed on these very files with this Node. */
export function tested() {
  return stampOf("tested") === `${testedHash()} ${process.version}`;
}

/** Compiles the sources unless the compiled ones are of these sources. */
export function built() {
  installed();
  const inputs = [
    ...filesBelow(join(root, "src")),
    join(root, "tsconfig.json"),
    join(root, "tsconfig.build.json"),
  ];
  const wanted = hashOf([...inputs, join(root, "package-lock.json")]);
  if (stampOf("sources") === wanted && existsSync(join(root, "dist", "index.js"))) return;
  console.error("isoscope: building ...");
  rmSync(join(root, "dist"), { recursive: true, force: true });
  runLocal("typescript/bin/tsc", ["-p", "tsconfig.build.json"]);
  run(process.execPath, [join(root, "scripts", "summaries.mjs")]);
  stamp("sources", wanted);
}
