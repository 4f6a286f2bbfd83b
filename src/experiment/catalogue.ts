import { readdirSync } from "node:fs";
import { extname } from "node:path";
import type { Analysis, Row } from "../analyses/analysis.js";
import type { Architecture } from "../architectures/architecture.js";
import { UserError } from "../core/errors.js";
import { didYouMean } from "../core/suggest.js";
import type { DatasetReader } from "../data/dataset.js";

/** Rooms whose files are entries, with the contract file that is not one. */
const contracts = {
  architectures: "architecture",
  analyses: "analysis",
  data: "dataset",
} as const;

/** A room whose files are entries of the catalogue. */
export type Room = keyof typeof contracts;

/** What a file of each room exports as default. */
export interface Entries {
  readonly architectures: Architecture<Readonly<Record<string, unknown>>>;
  readonly analyses: Analysis<Readonly<Record<string, unknown>>, Row>;
  readonly data: DatasetReader;
}

const singular: Readonly<Record<Room, string>> = {
  architectures: "architecture",
  analyses: "analysis",
  data: "data set",
};

/** `.ts` from source, `.js` when compiled: a computed import must name the file that is there. */
const extension = extname(import.meta.url);

function folder(room: Room): URL {
  return new URL(`../${room}/`, import.meta.url);
}

/** Names of every entry of a room: the folder is the catalogue. */
export function names(room: Room): readonly string[] {
  return readdirSync(folder(room))
    .filter((file) => file.endsWith(extension) && !file.endsWith(`.d${extension}`))
    .map((file) => file.slice(0, -extension.length))
    .filter((name) => name !== contracts[room] && name !== "index")
    .sort();
}

/** Throws `UserError` with a suggestion when a room has no entry of that name. */
export function checkName(room: Room, name: string): void {
  const known = names(room);
  if (known.includes(name)) return;
  throw new UserError(
    `unknown ${singular[room]} "${name}"${didYouMean(name, known)}; known: ${known.join(", ")}`,
  );
}

/** Loads one entry by its name. Throws `UserError` when there is none. */
export async function load<R extends Room>(room: R, name: string): Promise<Entries[R]> {
  checkName(room, name);
  const module = (await import(new URL(`${name}${extension}`, folder(room)).href)) as {
    default: Entries[R];
  };
  return module.default;
}
