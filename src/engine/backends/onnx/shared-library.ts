import { constants } from "node:os";
import { messageOf } from "../../../core/errors.js";

/** The C library's flag that keeps a library loaded for the life of the process. */
const keep = 0x1000;

/**
 * Loads a shared library by its name or path and keeps it, so that others who ask for it by name
 * find it wherever it lies. Returns what the loader said when it could not.
 */
export function loadLibrary(path: string): string | undefined {
  try {
    process.dlopen({ exports: {} }, path, constants.dlopen.RTLD_LAZY | keep);
  } catch (thrown) {
    const said = messageOf(thrown);
    // Node turns down whatever is no addon of its own, when it is loaded already.
    return /did not self-register/.test(said) ? undefined : said.split("\n")[0]!;
  }
  return undefined;
}
