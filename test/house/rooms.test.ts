import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import type { Source } from "./sources.js";
import { importsOf, sourceOf, sourcesOf } from "./sources.js";

/** Rooms in their order; rooms of one line stand side by side and do not know each other. */
const order = [
  ["core"],
  ["engine"],
  ["linalg"],
  ["initializers"],
  ["layers"],
  ["architectures"],
  ["data"],
  ["training"],
  ["analyses", "theorems"],
  ["experiment"],
  ["report"],
  ["cli"],
];

/** Files outside the rooms: the library's front door reads from every room. */
const frontDoors = ["index.ts"];

const rankOf = (room: string) => order.findIndex((rooms) => rooms.includes(room));
const roomOf = (path: string) => path.split("/")[0]!;

function allowed(from: string, to: string): boolean {
  return from === to || (rankOf(to) >= 0 && rankOf(to) < rankOf(from));
}

function wrongImports(source: Source): readonly string[] {
  return importsOf(source)
    .filter(({ specifier }) => specifier.startsWith("."))
    .flatMap(({ specifier, line }) => {
      const target = posix.join(posix.dirname(source.path), specifier);
      const [from, to] = [roomOf(source.path), roomOf(target)];
      return allowed(from, to) ? [] : [`src/${source.path}:${line}: ${from} imports ${target}`];
    });
}

const sources = sourcesOf("src");

describe("rooms", () => {
  it("hold every source file but the front door", () => {
    const outside = sources
      .map(({ path }) => path)
      .filter((path) => !frontDoors.includes(path) && rankOf(roomOf(path)) < 0);
    expect(outside).toEqual([]);
  });

  it("import from themselves and earlier rooms only", () => {
    const inside = sources.filter(({ path }) => !frontDoors.includes(path));
    expect(inside.flatMap(wrongImports)).toEqual([]);
  });

  it.each([
    ["core/a.ts", 'import { x } from "../engine/tf.js";'],
    ["layers/a.ts", 'export * from "../data/dataset.js";'],
    ["analyses/parts/a.ts", 'const t = await import("../../theorems/t.js");'],
    ["engine/a.ts", 'type T = import("../cli/main.js").T;'],
    ["cli/a.ts", 'import "../elsewhere/b.js";'],
    ["cli/a.ts", 'import "../index.js";'],
  ])("are told apart: %s may not hold %s", (path, text) => {
    expect(wrongImports(sourceOf(path, text))).toHaveLength(1);
  });

  it("leave earlier rooms and own files alone", () => {
    const text = 'import "../core/errors.js"; import "./b.js"; import "../layers/parts/c.js";';
    expect(wrongImports(sourceOf("layers/a.ts", text))).toEqual([]);
  });
});
