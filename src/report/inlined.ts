import { readWhole } from "../data/parts/files.js";
import { browserBuilds, browserLicences } from "./vega.js";

/** Programs that a page holds and the licences that must stand beside them. */
export interface Inlined {
  readonly scripts: readonly string[];
  readonly licences: readonly string[];
}

function readText(path: string): string {
  return new TextDecoder().decode(readWhole(path));
}

/** Reads the programs that every page holds and their licences, each licence once. */
export function readInlined(): Inlined {
  return {
    scripts: browserBuilds().map(readText),
    licences: [...new Set(browserLicences().map(readText))],
  };
}
