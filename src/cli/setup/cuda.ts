import {
  constants,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { cudaLibrariesFolder, cudaRuntimeFolder } from "../../engine/backends/cuda-libraries.js";
import { cacheFolder, setupFolder, setupRecord, setupVersions } from "../../engine/cache-folder.js";
import { cudaWheels } from "./cuda-wheels.js";
import { checkDriver, driverLibrary, wantedDriver } from "./driver.js";
import { buildFolder } from "./folder.js";
import { forecast, type LibraryWheel } from "./library-wheel.js";
import { type Missing, missingLibraries, systemLibraries } from "./loader.js";
import { needPip, needPlatform } from "./requirements.js";
import { dropWheels, fetchWheel, unpackWheel } from "./wheel.js";
import { failure, type Work } from "./work.js";

/** The oldest C library that the wheels run on, from their platform tags. */
const oldestLibrary = [2, 28] as const;

/** CUDA of the wheels. */
const cuda = 13;

const provider = "libonnxruntime_providers_cuda.so";

/** Libraries that ONNX Runtime and cuDNN load by name while they run. */
const loadedLater = /^lib(onnxruntime_providers|cudnn|nvrtc)[\w.-]*\.so[\d.]*$/;

/** The packages of ONNX Runtime in this installation. */
function installed(): { readonly runtime: string; readonly common: string } {
  const require = createRequire(import.meta.url);
  const description = require.resolve("onnxruntime-node/package.json");
  const { version } = JSON.parse(readFileSync(description, "utf8")) as { version: string };
  if (version !== setupVersions.cuda) {
    throw failure(
      `the CUDA provider fits ONNX Runtime ${setupVersions.cuda} only, and onnxruntime-node ${version} is installed; run npm install onnxruntime-node@${setupVersions.cuda}`,
    );
  }
  const entry = createRequire(description).resolve("onnxruntime-common");
  return { runtime: dirname(description), common: dirname(dirname(dirname(entry))) };
}

/**
 * Copies ONNX Runtime's packages: its library looks for providers in its own folder, and nothing is
 * written into `node_modules` of the installation.
 */
function copyRuntime(folder: string): void {
  const { runtime, common } = installed();
  const target = cudaRuntimeFolder(folder);
  const libraries = cudaLibrariesFolder(folder);
  cpSync(common, join(dirname(target), "onnxruntime-common"), { recursive: true });
  cpSync(join(runtime, "dist"), join(target, "dist"), { recursive: true });
  copyFileSync(join(runtime, "package.json"), join(target, "package.json"));
  mkdirSync(libraries, { recursive: true });
  const native = join(runtime, relative(target, libraries));
  for (const name of readdirSync(native)) {
    copyFileSync(join(native, name), join(libraries, name), constants.COPYFILE_FICLONE);
  }
}

/** Moves the shared libraries of a wheel beside ONNX Runtime's. */
async function takeLibraries(
  wheel: LibraryWheel,
  path: string,
  folder: string,
  work: Work,
): Promise<void> {
  const unpacked = join(folder, "wheel");
  await unpackWheel(path, unpacked, wheel.members, work);
  for (const name of readdirSync(unpacked, { recursive: true, encoding: "utf8" })) {
    const file = name.split("/").at(-1) ?? "";
    if (/\.so[\d.]*$/.test(file))
      renameSync(join(unpacked, name), join(cudaLibrariesFolder(folder), file));
  }
  rmSync(unpacked, { recursive: true });
}

async function build(folder: string, work: Work): Promise<void> {
  copyRuntime(folder);
  for (const wheel of cudaWheels) {
    const path = await fetchWheel(wheel, cacheFolder(), work);
    work.say(`  unpacking ${wheel.project}`);
    await takeLibraries(wheel, path, folder, work);
  }
  const record = {
    name: "cuda",
    version: setupVersions.cuda,
    wheels: cudaWheels.map(({ file, sha256 }) => ({ file, sha256 })),
  };
  writeFileSync(join(folder, setupRecord), `${JSON.stringify(record, null, 2)}\n`);
}

function wordsOf({ soname, askedBy }: Missing): string {
  return soname === driverLibrary ? wantedDriver(cuda) : `${soname} (asked for by ${askedBy})`;
}

/**
 * Follows every library that the provider needs.
 * Errors thrown: `MachineError` that names those which are not on this machine.
 */
export async function checkCuda(work: Work): Promise<void> {
  const folder = cudaLibrariesFolder();
  const later = readdirSync(folder).filter((name) => loadedLater.test(name));
  const missing = missingLibraries(folder, [provider, ...later], await systemLibraries(work));
  const there = `the libraries for CUDA are in ${setupFolder("cuda")}`;
  if (missing.length > 0) {
    throw failure(`${there}; missing on this machine: ${missing.map(wordsOf).join(", ")}`);
  }
  await checkDriver(cuda, there, work);
}

/**
 * Fetches the CUDA provider of ONNX Runtime and NVIDIA's libraries into the cache folder.
 * Errors thrown: `MachineError` for whatever the machine lacks; `StoppedError` when stopped.
 */
export async function setUpCuda(work: Work): Promise<string> {
  needPlatform("cuda", oldestLibrary);
  installed();
  await needPip(work);
  forecast(cudaWheels, work);
  await buildFolder(setupFolder("cuda"), (folder) => build(folder, work));
  dropWheels(cudaWheels, cacheFolder());
  await checkCuda(work);
  return `ONNX Runtime ${setupVersions.cuda} with CUDA in ${setupFolder("cuda")}`;
}
