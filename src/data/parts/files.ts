import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { MachineError, messageOf, UserError } from "../../core/errors.js";
import { didYouMean } from "../../core/suggest.js";

/** The largest file that is read: what one buffer can hold. */
const sizeLimit = 2 ** 31 - 1;

const machineCodes = new Set(["EIO", "EMFILE", "ENFILE", "ENOMEM", "EAGAIN", "EBUSY"]);

/** The error code of the operating system or of Node, when that is what was thrown. */
export function codeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}

/** Names in a folder in a fixed order, numbers by their value; empty when it cannot be listed. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  } catch {
    return [];
  }
}

function readFailure(path: string, thrown: unknown): Error {
  const code = codeOf(thrown);
  if (code === undefined) return thrown instanceof Error ? thrown : new Error(messageOf(thrown));
  if (machineCodes.has(code)) return new MachineError(`${path}: cannot be read (${code})`);
  if (code === "ENOENT") {
    const near = didYouMean(basename(path), namesIn(dirname(path)));
    return new UserError(`${path}: no such file or folder${near}`);
  }
  const readable = code === "EACCES" || code === "EPERM";
  return new UserError(`${path}: ${readable ? "no permission to read it" : "no file"} (${code})`);
}

/** What a path is. Throws `UserError` when there is nothing or it may not be read. */
export function kindOf(path: string): "file" | "folder" | "other" {
  try {
    const found = statSync(path);
    if (found.isDirectory()) return "folder";
    return found.isFile() ? "file" : "other";
  } catch (thrown) {
    throw readFailure(path, thrown);
  }
}

/**
 * All bytes of a regular file of at most 2 GiB.
 * Throws `UserError` for anything else: a folder, a pipe or a device could block or never end.
 */
export function readWhole(path: string): Uint8Array {
  const kind = kindOf(path);
  if (kind !== "file") {
    throw new UserError(
      `${path}: ${kind === "folder" ? "a folder" : "no regular file"}, not a file`,
    );
  }
  try {
    const size = statSync(path).size;
    if (size > sizeLimit) {
      throw new UserError(`${path}: ${size} bytes; at most ${sizeLimit} are read`);
    }
    return readFileSync(path);
  } catch (thrown) {
    throw readFailure(path, thrown);
  }
}

/** SHA-256 of byte strings or text, one after the other, hexadecimal. */
export function sha256(...parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
