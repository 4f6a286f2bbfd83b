import {
  isAlias,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  parseDocument,
  stringify,
  visit,
} from "yaml";
import { messageOf, UserError } from "../core/errors.js";

/**
 * Larger configs are refused before parsing: duplicate checks are quadratic in the number of keys.
 */
const largestText = 256 * 1024;
const largestNodes = 10_000;
const refusedKeys = ["__proto__", "constructor", "prototype"];

/** A parsed YAML text, with the position of each value for messages. */
export interface YamlText {
  readonly value: unknown;
  /** `file.yaml:3:5` of the value at that path, or of the file. */
  positionOf(path: readonly PropertyKey[]): string;
}

type Document = ReturnType<typeof parseDocument>;

function position(lines: LineCounter, where: string, offset: number | undefined): string {
  if (offset === undefined) return where;
  const { line, col } = lines.linePos(offset);
  return `${where}:${line}:${col}`;
}

function refuseHostile(document: Document, lines: LineCounter, where: string): void {
  let nodes = 0;
  visit(document, (_, node) => {
    nodes += 1;
    if (nodes > largestNodes) throw new UserError(`${where}: more than ${largestNodes} values`);
    if (isAlias(node)) {
      throw new UserError(`${position(lines, where, node.range?.[0])}: aliases are not allowed`);
    }
    if (isPair(node) && isScalar(node.key) && refusedKeys.includes(String(node.key.value))) {
      throw new UserError(`${where}: key "${node.key.value}" is not allowed`);
    }
    if (isScalar(node) && typeof node.value === "number" && isTooLarge(node.value)) {
      const at = position(lines, where, node.range?.[0]);
      throw new UserError(`${at}: ${node.source ?? node.value} is beyond 2^53`);
    }
  });
}

function isTooLarge(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) > Number.MAX_SAFE_INTEGER;
}

function parse(text: string, where: string, lines: LineCounter): Document {
  const document = parseDocument(text, { lineCounter: lines, strict: true });
  const problem = document.errors[0];
  if (problem !== undefined) {
    const line = problem.message.split("\n")[0]?.replace(/ at line \d+, column \d+:?$/, "");
    throw new UserError(`${position(lines, where, problem.pos[0])}: ${line}`);
  }
  return document;
}

/**
 * Reads YAML: no aliases, no hostile keys, no integers beyond 2^53, at most 256 KiB and 10,000
 * values. Throws `UserError` with file, line and column.
 */
export function parseYaml(text: string, where: string): YamlText {
  if (text.length > largestText) throw new UserError(`${where}: larger than 256 KiB`);
  const lines = new LineCounter();
  let document: Document;
  try {
    document = parse(text, where, lines);
    refuseHostile(document, lines, where);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${where}: ${messageOf(error).split("\n")[0]}`);
  }
  return {
    value: document.toJS(),
    positionOf: (path) => {
      for (let length = path.length; length > 0; length--) {
        const node = document.getIn(path.slice(0, length), true);
        if (isNode(node)) return position(lines, where, node.range?.[0]);
      }
      return where;
    },
  };
}

/** YAML text of a value. */
export function toYaml(value: unknown): string {
  return stringify(value, { lineWidth: 100 });
}
