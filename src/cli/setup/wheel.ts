import { createHash } from "node:crypto";
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { formatBytes } from "../../core/bytes.js";
import { diagnose } from "./diagnosis.js";
import { besideFolder } from "./folder.js";
import { runProgram } from "./program.js";
import { checkStopped, failure, type Work } from "./work.js";

/**
 * A file of the Python Package Index. Hashes are those which the index publishes beside the file,
 * so what is fetched through a mirror is the same to the bit.
 */
export interface Wheel {
  readonly project: string;
  readonly version: string;
  /** `name-version-python-abi-platform.whl`. */
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** Hash of a file in hexadecimal digits. */
export async function hashOf(file: string, algorithm: "sha256" | "sha512"): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** The words by which pip takes this very file, whatever Python it runs on. */
export function downloadWords(
  { project, version, file }: Wheel,
  folder: string,
): readonly string[] {
  const platform =
    file
      .replace(/\.whl$/, "")
      .split("-")
      .at(-1) ?? "";
  return [
    ...["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir"],
    ...["--disable-pip-version-check", "--no-input", "--progress-bar=off"],
    ...["--implementation=cp", "--python-version=3.12"],
    ...platform.split(".").map((tag) => `--platform=${tag}`),
    ...["--dest", folder, `${project}==${version}`],
  ];
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => statSync(join(folder, name), { throwIfNoEntry: false }))
    .reduce((sum, entry) => sum + (entry?.isFile() === true ? entry.size : 0), 0);
}

const secondsBetweenLines = 10;

/** Tells now and then how much of a file has come. */
function watch(wheel: Wheel, folder: string, { say }: Work): () => void {
  const timer = setInterval(() => {
    const done = formatBytes(Math.min(wheel.bytes, bytesBelow(folder)));
    say(`  ${done} of ${formatBytes(wheel.bytes)}`);
  }, 1000 * secondsBetweenLines);
  return () => clearInterval(timer);
}

async function download(wheel: Wheel, folder: string, work: Work): Promise<string> {
  const [temporary, target] = [join(folder, "temporary"), join(folder, "wheel")];
  mkdirSync(temporary);
  const stopWatching = watch(wheel, folder, work);
  try {
    const words = downloadWords(wheel, target);
    const outcome = await runProgram("python3", words, work, { env: { TMPDIR: temporary } });
    if (outcome.code !== 0) {
      throw diagnose(`the download of ${wheel.project} ${wheel.version} by pip`, outcome);
    }
  } finally {
    stopWatching();
  }
  return join(target, wheel.file);
}

async function checkHash({ file, sha256 }: Wheel, path: string): Promise<void> {
  if (!existsSync(path)) throw failure(`pip gave another file than ${file}`);
  const found = await hashOf(path, "sha256");
  if (found === sha256) return;
  throw failure(
    `${file} is not the file it should be: its sha256 is ${found}, not ${sha256}; nothing of it was used`,
  );
}

/** Whether a finished file of an earlier run is there and whole; a broken one is removed. */
async function kept(wheel: Wheel, path: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  if ((await hashOf(path, "sha256")) === wheel.sha256) return true;
  rmSync(path);
  return false;
}

/** Where finished files wait until the set-up that needs them is complete. */
export function downloadsFolder(cache: string): string {
  return join(cache, "downloads");
}

/**
 * The path of a wheel with the right hash, fetched by pip unless an earlier run has left it.
 * Errors thrown: `MachineError` without network or disk, and on a wrong hash.
 */
export async function fetchWheel(wheel: Wheel, cache: string, work: Work): Promise<string> {
  checkStopped(work);
  const path = join(downloadsFolder(cache), wheel.file);
  const title = `${wheel.project} ${wheel.version} (${formatBytes(wheel.bytes)})`;
  if (await kept(wheel, path)) {
    work.say(`${title}: already downloaded`);
    return path;
  }
  work.say(`${title}: downloading with pip`);
  return besideFolder(path, async (temporary) => {
    const fetched = await download(wheel, temporary, work);
    await checkHash(wheel, fetched);
    renameSync(fetched, path);
    return path;
  });
}

/** Removes files that a complete set-up no longer needs. */
export function dropWheels(wheels: readonly Wheel[], cache: string): void {
  for (const { file } of wheels) rmSync(join(downloadsFolder(cache), file), { force: true });
}

/** Takes the members of a zip archive that fit a pattern. */
const unpacking = `
import re, sys, zipfile
archive, folder, pattern = sys.argv[1:]
with zipfile.ZipFile(archive) as opened:
    for member in opened.namelist():
        if re.match(pattern, member) and not member.endswith("/"):
            opened.extract(member, folder)
`;

/**
 * Unpacks the members of a wheel whose whole names fit a pattern.
 * Errors thrown: `MachineError` on a full disk or a broken file.
 */
export async function unpackWheel(
  path: string,
  folder: string,
  pattern: RegExp,
  work: Work,
): Promise<void> {
  const words = ["-c", unpacking, path, folder, pattern.source];
  const outcome = await runProgram("python3", words, work);
  if (outcome.code !== 0) throw diagnose(`unpacking ${path}`, outcome);
}
