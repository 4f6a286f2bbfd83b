import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Joined, Row } from "../analyses/analysis.js";
import { messageOf, UserError } from "../core/errors.js";
import { decodeNumber, toJson } from "../core/json.js";
import { makeFolder, publish } from "../data/parts/publish.js";
import type { Finished } from "./run.js";

const recordName = "experiment.json";
const rowsName = "rows.jsonl";
const partialName = ".partial";

/** What marks a folder as an experiment's. */
export interface StoredExperiment {
  readonly record: Readonly<Record<string, unknown>>;
  readonly rows: readonly Joined<Row>[];
}

/**
 * Makes the output folder ready: a new or empty one, or one that an earlier isoscope experiment
 * left. Throws `UserError` when it holds something else or cannot be written; nothing is changed
 * then.
 */
export function prepareFolder(folder: string): void {
  if (existsSync(folder) && !statSync(folder).isDirectory()) {
    throw new UserError(`--out ${folder}: is a file; a folder is needed`);
  }
  makeFolder(folder);
  const found = readdirSync(folder);
  const ours = found.includes(recordName) || found.includes(partialName);
  if (found.length > 0 && !ours) {
    throw new UserError(
      `--out ${folder}: is not empty and holds no isoscope experiment; name a new or empty folder`,
    );
  }
  makeFolder(join(folder, partialName));
  publish(
    join(folder, partialName, "README"),
    "Finished parts of an experiment that is running or was stopped.\n",
  );
}

function restore(line: string): Joined<Row> {
  const row = JSON.parse(line) as Joined<Row>;
  const named = ["Infinity", "-Infinity", "NaN"];
  const entries = Object.entries(row).map(([name, value]) =>
    typeof value === "string" && named.includes(value)
      ? [name, decodeNumber(value)]
      : [name, value],
  );
  return Object.fromEntries(entries) as Joined<Row>;
}

function parseRows(text: string): readonly Joined<Row>[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map(restore);
}

function formatRows(rows: readonly Joined<Row>[]): string {
  return rows.map((row) => `${toJson(row)}\n`).join("");
}

/**
 * Keeps finished parts below the output folder, so that a stopped experiment goes on where it was.
 */
export function partialStore(folder: string): Finished {
  const fileOf = (part: string) => join(folder, partialName, `${part}.jsonl`);
  return {
    get: (part) => {
      const file = fileOf(part);
      return existsSync(file) ? parseRows(readFileSync(file, "utf8")) : undefined;
    },
    put: (part, rows) => publish(fileOf(part), formatRows(rows)),
  };
}

function keepsRows(folder: string, rows: readonly Joined<Row>[]): boolean {
  return readFileSync(join(folder, rowsName), "utf8") === formatRows(rows);
}

/** Writes the files of a finished experiment, the record last, and removes finished parts. */
export function storeExperiment(
  folder: string,
  stored: StoredExperiment,
  files: ReadonlyMap<string, string | Uint8Array>,
): readonly string[] {
  const same = existsSync(join(folder, rowsName)) && keepsRows(folder, stored.rows);
  // Pictures of other rows must not stand beside these.
  if (!same) rmSync(join(folder, "charts"), { recursive: true, force: true });
  publish(join(folder, rowsName), formatRows(stored.rows));
  if ([...files.keys()].some((name) => name.startsWith("charts/"))) {
    makeFolder(join(folder, "charts"));
  }
  for (const [name, bytes] of files) publish(join(folder, name), bytes);
  publish(join(folder, recordName), `${toJson(stored.record, 2)}\n`);
  rmSync(join(folder, partialName), { recursive: true, force: true });
  return [...files.keys(), rowsName, recordName].map((name) => join(folder, name));
}

/**
 * Reads what `storeExperiment` wrote. Throws `UserError` when the folder holds no experiment or a
 * damaged one.
 */
export function readExperiment(folder: string): StoredExperiment {
  const read = (name: string) => {
    const file = join(folder, name);
    if (!existsSync(file))
      throw new UserError(`${folder}: holds no isoscope experiment (no ${name})`);
    return readFileSync(file, "utf8");
  };
  try {
    const record = JSON.parse(read(recordName)) as Readonly<Record<string, unknown>>;
    return { record, rows: parseRows(read(rowsName)) };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${folder}: ${recordName} or ${rowsName} is damaged (${messageOf(error)})`);
  }
}
