import { fileURLToPath } from "node:url";

/** Path of a file that comes with the package; sources and built files lie equally deep. */
export function assetPath(name: string): string {
  return fileURLToPath(new URL(`../../../assets/${name}`, import.meta.url));
}
