import { UserError } from "./errors.js";

/** One value of an option as typed. */
export type OptionValue = number | boolean | string;

/** Options by name; a list is an axis of a grid. */
export type OptionGrid = Readonly<Record<string, OptionValue | readonly OptionValue[]>>;

/** `ARCH:key=value,key=[a,b],key="text"` taken apart. */
export interface Entry {
  readonly name: string;
  readonly options: OptionGrid;
}

/** Where reading stands in a text. */
interface Cursor {
  readonly text: string;
  readonly example: string;
  at: number;
}

const numberPattern = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const integerPattern = /^[+-]?\d+$/;
const keyPattern = /^[A-Za-z][\w.-]*$/;
const barePattern = /^[^\s,[\]"=]+$/;
const refusedKeys: readonly string[] = ["__proto__", "constructor", "prototype"];
const entryExample = 'convshort:depth=18,init=[brock,he-fan-out],note="two words"';

function refuse(cursor: Cursor, what: string, at = cursor.at): never {
  throw new UserError(
    `${cursor.text}: ${what} at character ${at + 1}; allowed: as in ${cursor.example}`,
  );
}

function skipSpaces(cursor: Cursor): void {
  while (/\s/.test(cursor.text[cursor.at] ?? "")) cursor.at++;
}

/** Steps over `symbol` when it comes next. */
function takes(cursor: Cursor, symbol: string): boolean {
  skipSpaces(cursor);
  if (cursor.text[cursor.at] !== symbol) return false;
  cursor.at++;
  return true;
}

/** Reads up to the next symbol of the grammar; spaces around are not part of it. */
function word(cursor: Cursor, stops: RegExp): string {
  skipSpaces(cursor);
  const rest = cursor.text.slice(cursor.at);
  const end = rest.search(stops);
  const taken = end < 0 ? rest : rest.slice(0, end);
  cursor.at += taken.length;
  return taken.trim();
}

/** Reads `"..."` with JSON's escapes; the cursor stands at the opening quote. */
function quoted(cursor: Cursor): string {
  const match = /^"(?:[^"\\]|\\.)*"/.exec(cursor.text.slice(cursor.at));
  if (match === null) return refuse(cursor, "a quote that does not close");
  try {
    const value: unknown = JSON.parse(match[0]);
    if (typeof value !== "string") return refuse(cursor, "a text that cannot be read");
    cursor.at += match[0].length;
    return value;
  } catch {
    return refuse(cursor, "a text with an escape that JSON does not have");
  }
}

function numberOf(cursor: Cursor, text: string, at: number): number {
  const value = Number(text);
  const tooLarge = integerPattern.test(text) ? !Number.isSafeInteger(value) : false;
  if (tooLarge || !Number.isFinite(value))
    return refuse(cursor, `number ${text}, which float64 does not hold (integers to 2^53-1),`, at);
  return value;
}

function scalar(cursor: Cursor, key: string): OptionValue {
  skipSpaces(cursor);
  const at = cursor.at;
  if (cursor.text[at] === '"') return quoted(cursor);
  const text = word(cursor, /[,[\]"=]/);
  if (text === "") return refuse(cursor, `no value for "${key}"`, at);
  if (text === "true" || text === "false") return text === "true";
  return numberPattern.test(text) ? numberOf(cursor, text, at) : text;
}

/** Reads the rest of `[a,b]`; the cursor stands behind the bracket. */
function list(cursor: Cursor, key: string, opened: number): readonly OptionValue[] {
  const values: OptionValue[] = [];
  do {
    skipSpaces(cursor);
    if (cursor.text[cursor.at] === "[") return refuse(cursor, `a list within the list "${key}"`);
    values.push(scalar(cursor, key));
  } while (takes(cursor, ","));
  if (!takes(cursor, "]")) return refuse(cursor, "a bracket that does not close", opened);
  return values;
}

function readValue(cursor: Cursor, key: string): OptionValue | readonly OptionValue[] {
  skipSpaces(cursor);
  const opened = cursor.at;
  return takes(cursor, "[") ? list(cursor, key, opened) : scalar(cursor, key);
}

function keyOfOption(cursor: Cursor, seen: ReadonlyMap<string, unknown>): string {
  skipSpaces(cursor);
  const at = cursor.at;
  const key = word(cursor, /[,[\]"=]/);
  if (key === "") return refuse(cursor, "no option name", at);
  if (!keyPattern.test(key) || refusedKeys.includes(key))
    return refuse(cursor, `option name "${key}"`, at);
  if (seen.has(key)) return refuse(cursor, `option "${key}" a second time`, at);
  if (!takes(cursor, "=")) return refuse(cursor, `option "${key}" without "="`);
  return key;
}

/** Nothing but spaces may be left. */
function finish(cursor: Cursor): void {
  skipSpaces(cursor);
  if (cursor.at < cursor.text.length) refuse(cursor, `unexpected ${cursor.text[cursor.at]}`);
}

/**
 * Reads `ARCH` or `ARCH:key=value,key=[a,b],key="text"`. Values are numbers, `true`, `false`, or
 * texts; a list is an axis of a grid. Throws `UserError` with the position and an example on an
 * empty name, a missing value, a key given twice, lists within lists, open brackets and quotes,
 * unsafe integers.
 */
export function parseEntry(text: string): Entry {
  const cursor = { text, example: entryExample, at: 0 };
  const name = word(cursor, /[:,[\]"=]/);
  if (name === "") return refuse(cursor, "no name");
  const options = new Map<string, OptionValue | readonly OptionValue[]>();
  if (takes(cursor, ":")) {
    do {
      const key = keyOfOption(cursor, options);
      options.set(key, readValue(cursor, key));
    } while (takes(cursor, ","));
  }
  finish(cursor);
  return { name, options: Object.fromEntries(options) };
}

/**
 * Reads the value of one option: `18`, `1e-3`, `true`, `brock`, `"two words"`, `[18,34]`. A text
 * that is none of these as it stands, such as a path with spaces, is itself. Throws `UserError` on
 * open brackets and quotes, empty texts and unsafe integers.
 */
export function parseValue(text: string): OptionValue | readonly OptionValue[] {
  const plain = text.trim();
  const isWord = plain !== "" && !/^["[]/.test(plain) && !numberPattern.test(plain);
  if (isWord && plain !== "true" && plain !== "false") return plain;
  const cursor = { text, example: '18, true, brock, "two words" or [18,34]', at: 0 };
  const value = readValue(cursor, "value");
  finish(cursor);
  return value;
}

/** Every point of a grid, the first key changing slowest; without lists there is one point. */
export function expandGrid(options: OptionGrid): readonly Readonly<Record<string, OptionValue>>[] {
  let points: readonly Readonly<Record<string, OptionValue>>[] = [{}];
  for (const [key, value] of Object.entries(options)) {
    const values = typeof value === "object" ? value : [value];
    points = points.flatMap((point) => values.map((one) => ({ ...point, [key]: one })));
  }
  return points;
}

function formatNumber(value: number): string {
  if (Object.is(value, -0)) return "-0";
  const exact = !Number.isInteger(value) || Number.isSafeInteger(value);
  return exact || !Number.isFinite(value) ? String(value) : value.toExponential();
}

function formatScalar(value: OptionValue): string {
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "boolean") return String(value);
  const isBare = barePattern.test(value) && !numberPattern.test(value);
  return isBare && value !== "true" && value !== "false" ? value : JSON.stringify(value);
}

/**
 * `depth=50,init=brock`: what `parseEntry` reads back as the same options, given finite numbers.
 */
export function formatOptions(options: OptionGrid): string {
  const formatValue = (value: OptionValue | readonly OptionValue[]): string =>
    typeof value === "object" ? `[${value.map(formatScalar).join(",")}]` : formatScalar(value);
  return Object.entries(options)
    .map(([key, value]) => `${key}=${formatValue(value)}`)
    .join(",");
}
