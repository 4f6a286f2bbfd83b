import { constants, gunzipSync } from "node:zlib";
import { UserError } from "../../core/errors.js";
import { codeOf } from "./files.js";

/** Bytes of input that surely hold the first bytes of output. */
const peekBytes = 4096;

/** Deflate makes at most 1032 bytes of one: a match of 258 bytes in two bits. Source: RFC 1951. */
const mostPerByte = 1032;

/** Whether bytes start like a gzip file. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function gunzipFailure(where: string, most: number, thrown: unknown): unknown {
  const code = codeOf(thrown);
  if (code === "ERR_BUFFER_TOO_LARGE") {
    return new UserError(`${where}: unpacks to more than the ${most} bytes that its header says`);
  }
  if (code === undefined || !code.startsWith("Z_")) return thrown;
  const cut = code === "Z_BUF_ERROR";
  return new UserError(`${where}: ${cut ? "the gzip file is cut off" : "damaged gzip"} (${code})`);
}

/**
 * Unpacks a gzip file to `expected(first)` bytes at most, where `first` is how the unpacked bytes
 * begin: a format's own header says how many to expect, so a small file cannot fill the memory.
 * Throws `UserError` when the file is cut, damaged, or unpacks to more.
 */
export function gunzip(
  bytes: Uint8Array,
  expected: (first: Uint8Array) => number,
  where: string,
): Uint8Array {
  let most = peekBytes * mostPerByte;
  try {
    const first = gunzipSync(bytes.subarray(0, peekBytes), {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: most,
    });
    most = expected(first);
    if (most > bytes.length * mostPerByte) {
      throw new UserError(`${where}: ${bytes.length} packed bytes cannot hold ${most}`);
    }
    return gunzipSync(bytes, { maxOutputLength: most });
  } catch (thrown) {
    throw gunzipFailure(where, most, thrown);
  }
}
