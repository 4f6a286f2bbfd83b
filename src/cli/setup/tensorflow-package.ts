import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { standIn } from "../../engine/backends/tensorflow/binding.js";
import { diagnose } from "./diagnosis.js";
import { runProgram } from "./program.js";
import { bindingPackage } from "./tensorflow-wheels.js";
import { hashOf } from "./wheel.js";
import { failure, type Work } from "./work.js";

/**
 * What is installed beside tfjs-node. Its other packages serve its installer, its layers and its
 * saver of models, none of which we use.
 */
const description = {
  name: "isoscope-tensorflow",
  version: "1.0.0",
  private: true,
  dependencies: { "google-protobuf": "3.21.4", "node-gyp": "12" },
};

const quietly = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];

async function npm(words: readonly string[], folder: string, work: Work): Promise<void> {
  // What a surrounding npm or the user's settings say of another project is not for this one.
  const own = [`--prefix=${folder}`, "--global=false", "--install-strategy=hoisted"];
  const outcome = await runProgram("npm", [...words, ...quietly, ...own], work, { cwd: folder });
  if (outcome.code !== 0) throw diagnose(`npm ${words[0]} of ${words[1] ?? "node-gyp"}`, outcome);
}

/** The file of the package, with the right hash. */
async function fetchPackage(folder: string, work: Work): Promise<string> {
  const { name, version, file, sha512 } = bindingPackage;
  await npm(["pack", `${name}@${version}`, `--pack-destination=${folder}`], folder, work);
  const path = join(folder, file);
  const found = await hashOf(path, "sha512");
  if (found === sha512) return path;
  throw failure(
    `${name} ${version} is not the package it should be: its sha512 is ${found}, not ${sha512}`,
  );
}

const unpacking = "import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])";

/** Unpacks the package's file to where Node looks for it. */
async function place(path: string, folder: string, work: Work): Promise<void> {
  const unpacked = join(folder, "unpacked");
  const outcome = await runProgram("python3", ["-c", unpacking, path, unpacked], work);
  if (outcome.code !== 0) throw diagnose(`unpacking ${path}`, outcome);
  const scope = join(folder, "node_modules", "@tensorflow");
  mkdirSync(scope, { recursive: true });
  renameSync(join(unpacked, "package"), join(scope, "tfjs-node"));
  rmSync(unpacked, { recursive: true });
  rmSync(path);
}

/**
 * Puts packages that hand out our own copy in the places where tfjs-node looks for TensorFlow.js.
 */
function placeStandIns(folder: string): void {
  for (const name of ["tfjs", "tfjs-core"]) {
    const target = join(folder, "node_modules", "@tensorflow", name);
    mkdirSync(target);
    writeFileSync(join(target, "index.js"), standIn);
  }
}

/**
 * Installs tfjs-node, what it needs here, and node-gyp, without install scripts.
 * Errors thrown: `MachineError` without network or disk, and on a wrong hash.
 */
export async function installBindingPackage(folder: string, work: Work): Promise<void> {
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(description, null, 2)}\n`);
  await npm(["install"], folder, work);
  await place(await fetchPackage(folder, work), folder, work);
  placeStandIns(folder);
}

/** What tfjs-node needs once it is built. */
const needed = ["@tensorflow", "google-protobuf"];

/** Removes what was there for the build alone. */
export function dropBuildPackages(folder: string): void {
  const packages = join(folder, "node_modules");
  for (const name of readdirSync(packages)) {
    if (!needed.includes(name)) rmSync(join(packages, name), { recursive: true, force: true });
  }
  const home = join(packages, "@tensorflow", "tfjs-node");
  for (const name of ["build", join("deps", "include")]) {
    rmSync(join(home, name), { recursive: true, force: true });
  }
  rmSync(join(folder, "package-lock.json"), { force: true });
}
