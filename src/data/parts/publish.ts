import { dirname, join, resolve } from "node:path";
import { MachineError, UserError } from "../../core/errors.js";
import type { Disk } from "./disk.js";
import { nodeDisk } from "./disk.js";
import { codeOf } from "./files.js";

/** Codes of a full disk, a used-up quota and a file-size limit. */
const fullCodes = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** Codes of a place that the user must choose otherwise, and why. */
const placeReasons: Readonly<Record<string, string>> = {
  EACCES: "no permission to write there",
  EPERM: "no permission to write there",
  EROFS: "the file system is read-only",
  ENOTDIR: "a part of the path is a file, not a folder",
  ENOENT: "the folder does not exist",
  EISDIR: "a folder has that name",
  ENOTEMPTY: "a folder has that name",
  EEXIST: "a file has that name",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "the links of the path go round in a circle",
  EINVAL: "the path is not possible here",
  ERR_INVALID_ARG_VALUE: "the path has a NUL character",
};

/** Codes by which a file system says that it cannot or need not sync a folder. */
const folderSyncCodes = new Set(["EINVAL", "ENOTSUP", "EISDIR", "EPERM", "EACCES", "EBADF"]);

/** How old an unfinished file must be before it cannot be somebody's running write: an hour. */
const abandonedAfter = 3_600_000;

const unfinishedName = /^\.unfinished-\d+-\d+$/;

function freeBytes(path: string, disk: Disk): string {
  try {
    return `, ${disk.free(dirname(path))} are free`;
  } catch {
    return "";
  }
}

/** The one line for what the operating system said; anything else is a bug and stays as it is. */
function writeFailure(path: string, bytes: number, thrown: unknown, disk: Disk): unknown {
  const code = codeOf(thrown);
  if (code === undefined) return thrown;
  if (fullCodes.has(code)) {
    const needed = `${bytes} bytes are needed${freeBytes(path, disk)}`;
    return new MachineError(`${path}: not written, no space left (${code}): ${needed}`);
  }
  const reason = placeReasons[code];
  if (reason !== undefined) return new UserError(`${path}: not written, ${reason} (${code})`);
  return new MachineError(`${path}: not written, the disk or the machine failed (${code})`);
}

function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // The failure before this one is what the user must hear of.
  }
}

/** Files that a killed process left behind; another process may be at work on younger ones. */
function removeAbandoned(folder: string, own: string, disk: Disk): void {
  quietly(() => {
    const now = disk.written(own);
    for (const name of disk.list(folder).filter((each) => unfinishedName.test(each))) {
      const path = join(folder, name);
      quietly(() => {
        if (now - disk.written(path) > abandonedAfter) disk.remove(path);
      });
    }
  });
}

/** Creates a file of a new name: process numbers repeat after a reboot and between machines. */
function createUnfinished(folder: string, disk: Disk): readonly [path: string, file: number] {
  for (let number = 0; ; number++) {
    const path = join(folder, `.unfinished-${process.pid}-${number}`);
    try {
      return [path, disk.create(path)];
    } catch (thrown) {
      if (codeOf(thrown) !== "EEXIST" || number >= 1000) throw thrown;
    }
  }
}

function writeSome(file: number, bytes: Uint8Array, offset: number, disk: Disk): number {
  try {
    return disk.write(file, bytes, offset);
  } catch (thrown) {
    if (codeOf(thrown) === "EINTR") return 0;
    throw thrown;
  }
}

/** One write may take fewer bytes than asked and not throw, on a full disk above all. */
function writeAll(file: number, bytes: Uint8Array, disk: Disk): void {
  let nothing = 0;
  for (let offset = 0; offset < bytes.length; ) {
    const written = writeSome(file, bytes, offset, disk);
    nothing = written > 0 ? 0 : nothing + 1;
    if (nothing > 100) throw new MachineError("the file system takes no more bytes");
    offset += written;
  }
}

function fill(file: number, bytes: Uint8Array, disk: Disk): void {
  try {
    writeAll(file, bytes, disk);
    disk.sync(file);
    const size = disk.size(file);
    if (size !== bytes.length) {
      throw new MachineError(`${size} of ${bytes.length} bytes arrived on the disk`);
    }
  } catch (thrown) {
    quietly(() => disk.close(file));
    throw thrown;
  }
  disk.close(file);
}

function syncFolder(folder: string, disk: Disk): void {
  try {
    const file = disk.openFolder(folder);
    try {
      disk.sync(file);
    } finally {
      disk.close(file);
    }
  } catch (thrown) {
    if (!folderSyncCodes.has(codeOf(thrown) ?? "")) throw thrown;
  }
}

function replace(path: string, bytes: Uint8Array, disk: Disk): void {
  const folder = dirname(path);
  const [unfinished, file] = createUnfinished(folder, disk);
  try {
    fill(file, bytes, disk);
    removeAbandoned(folder, unfinished, disk);
    disk.rename(unfinished, path);
  } catch (thrown) {
    quietly(() => disk.remove(unfinished));
    throw thrown;
  }
  syncFolder(folder, disk);
}

/**
 * Writes a file so that its name always shows the old bytes or all new ones, whatever happens:
 * into an unfinished file beside it, through to the disk, then renamed over the old one.
 * A link of that name is replaced, not followed.
 * Throws `UserError` when the place is wrong, `MachineError` when the machine fails; the old file
 * is kept then.
 */
export function publish(path: string, content: Uint8Array | string, disk: Disk = nodeDisk): void {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  try {
    replace(resolve(path), bytes, disk);
  } catch (thrown) {
    if (thrown instanceof MachineError) throw new MachineError(`${path}: ${thrown.message}`);
    throw writeFailure(path, bytes.length, thrown, disk);
  }
}

/** Makes a folder and those above it. Throws like `publish`. */
export function makeFolder(path: string, disk: Disk = nodeDisk): void {
  try {
    disk.makeFolder(resolve(path));
  } catch (thrown) {
    throw writeFailure(path, 0, thrown, disk);
  }
}
