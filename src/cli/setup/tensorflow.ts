import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, setupFolder, setupRecord } from "../../engine/cache-folder.js";
import { checkDriver } from "./driver.js";
import { buildFolder } from "./folder.js";
import { forecast, type LibraryWheel } from "./library-wheel.js";
import { needCompiler, needNpm, needPip, needPlatform } from "./requirements.js";
import { buildBinding, verifyBinding } from "./tensorflow-binding.js";
import { dropBuildPackages, installBindingPackage } from "./tensorflow-package.js";
import {
  librariesForGpus,
  tensorflowForGpus,
  tensorflowForProcessors,
} from "./tensorflow-wheels.js";
import { dropWheels, fetchWheel, unpackWheel } from "./wheel.js";
import type { Work } from "./work.js";

type Name = "tensorflow" | "tensorflow-gpu";

/** What a set-up takes from the Python Package Index. */
interface Parts {
  readonly tensorflow: LibraryWheel;
  /** NVIDIA's libraries, at the places where libtensorflow searches them. */
  readonly others: readonly LibraryWheel[];
}

const partsOf: Readonly<Record<Name, Parts>> = {
  tensorflow: { tensorflow: tensorflowForProcessors, others: [] },
  "tensorflow-gpu": { tensorflow: tensorflowForGpus, others: librariesForGpus },
};

/** The oldest C library that the wheels run on, from their platform tags. */
const oldestLibrary = [2, 27] as const;

/** CUDA of the GPU build. */
const cuda = 12;

const libraries = [
  ["libtensorflow_cc.so.2", "libtensorflow.so"],
  ["libtensorflow_framework.so.2", "libtensorflow_framework.so"],
] as const;

const packageFolder = (folder: string) => join(folder, "node_modules", "@tensorflow", "tfjs-node");

/** Puts libtensorflow and its headers where the package's build looks for them. */
async function takeTensorflow(
  path: string,
  { members }: LibraryWheel,
  folder: string,
  work: Work,
): Promise<void> {
  const unpacked = join(folder, "wheel");
  await unpackWheel(path, unpacked, members, work);
  const deps = join(packageFolder(folder), "deps");
  mkdirSync(join(deps, "lib"), { recursive: true });
  renameSync(join(unpacked, "tensorflow", "include"), join(deps, "include"));
  for (const [name, link] of libraries) {
    renameSync(join(unpacked, "tensorflow", name), join(deps, "lib", name));
    symlinkSync(name, join(deps, "lib", link));
  }
  rmSync(unpacked, { recursive: true });
}

/** The paths of all wheels, in their order. */
async function fetchAll({ tensorflow, others }: Parts, work: Work): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const wheel of [tensorflow, ...others]) {
    paths.push(await fetchWheel(wheel, cacheFolder(), work));
  }
  return paths;
}

async function unpackAll(
  { tensorflow, others }: Parts,
  [first = "", ...rest]: readonly string[],
  folder: string,
  work: Work,
): Promise<void> {
  await takeTensorflow(first, tensorflow, folder, work);
  const deps = join(packageFolder(folder), "deps");
  for (const [i, { members }] of others.entries()) {
    await unpackWheel(rest[i]!, deps, members, work);
  }
}

/** The parts of the work in their order, each told as it begins. */
async function build(name: Name, folder: string, work: Work): Promise<string> {
  const parts = partsOf[name];
  work.say("1/5 libtensorflow from the Python Package Index");
  const paths = await fetchAll(parts, work);
  work.say("2/5 tfjs-node and node-gyp from the npm registry");
  await installBindingPackage(folder, work);
  work.say("3/5 unpacking libtensorflow");
  await unpackAll(parts, paths, folder, work);
  work.say("4/5 building the binding");
  const gyp = join(folder, "node_modules", "node-gyp", "bin", "node-gyp.js");
  await buildBinding(gyp, packageFolder(folder), work);
  work.say("5/5 multiplying two matrices");
  const found = await verifyBinding(folder, work);
  dropBuildPackages(folder);
  const { version, file, sha256 } = parts.tensorflow;
  const record = { name, version, wheel: file, sha256 };
  writeFileSync(join(folder, setupRecord), `${JSON.stringify(record, null, 2)}\n`);
  return found;
}

/**
 * Looks for the driver that the GPU build needs.
 * Errors thrown: `MachineError` without one, or with one that is too old.
 */
export async function checkGpu(work: Work): Promise<void> {
  await checkDriver(cuda, `TensorFlow for GPUs is in ${setupFolder("tensorflow-gpu")}`, work);
}

/**
 * Builds the backend "tensorflow" in the cache folder.
 * Errors thrown: `MachineError` for whatever the machine lacks; `StoppedError` when stopped.
 */
export async function setUpTensorflow(name: Name, work: Work): Promise<string> {
  const { tensorflow, others } = partsOf[name];
  const wheels = [tensorflow, ...others];
  needPlatform(name, oldestLibrary);
  await needPip(work);
  await needNpm(work);
  await needCompiler(work);
  forecast(wheels, work);
  const folder = setupFolder(name);
  const found = await buildFolder(folder, (temporary) => build(name, temporary, work));
  dropWheels(wheels, cacheFolder());
  if (name === "tensorflow-gpu") await checkGpu(work);
  return `${found}, in ${folder}`;
}
