import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether a program is there: an absolute path, or a name looked up in `PATH`. */
export function hasProgram(name: string): boolean {
  if (isAbsolute(name)) return isExecutable(name);
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.some((folder) => isExecutable(join(folder, name)));
}
