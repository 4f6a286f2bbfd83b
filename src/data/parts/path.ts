import { resolve } from "node:path";
import { UserError } from "../../core/errors.js";
import type { DataRequest } from "../dataset.js";

/** The absolute path in a reader's argument. Throws `UserError` when there is none. */
export function needPath(request: DataRequest, form: string): string {
  const { argument, folder } = request;
  if (argument === undefined || argument === "") {
    throw new UserError(`--data ${form.split(":")[0]}: the path is missing; write ${form}`);
  }
  if (argument.includes("\0")) throw new UserError(`--data ${form}: the path has a NUL character`);
  return resolve(folder, argument);
}
