import { UserError } from "./errors.js";
import type { Shape } from "./shape.js";
import { sizeOf } from "./shape.js";

/** One tensor of a file: float32 values, row-major in `shape`. */
export interface SafetensorsEntry {
  readonly name: string;
  readonly shape: Shape;
  readonly values: Float32Array;
}

/** What a file holds: tensors in the order of their bytes, and free text by name. */
export interface Safetensors {
  readonly entries: readonly SafetensorsEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Reads one number; bytes are little-endian in every file, on every machine. */
interface NumberFormat {
  readonly bytes: number;
  read(view: DataView, at: number): number;
}

const scratch = new DataView(new ArrayBuffer(4));

/** The float16 number with these 16 bits. Source: IEEE 754-2008, binary16. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * 2 ** -24 * fraction;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}

/** A bfloat16 number is the upper half of a float32. */
function brainHalf(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}

const formats: Readonly<Record<string, NumberFormat>> = {
  F64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  F32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  F16: { bytes: 2, read: (view, at) => half(view.getUint16(at, true)) },
  BF16: { bytes: 2, read: (view, at) => brainHalf(view.getUint16(at, true)) },
};

const prefixBytes = 8;
const headerLimit = 100_000_000;
const metadataName = "__metadata__";

/** Text from a file as it may be printed: quoted, on one line, not longer than a line. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}

/** What a file that is no safetensors file most likely is. */
function foreignHint(bytes: Uint8Array): string {
  const zip = startsWith(bytes, [0x50, 0x4b, 3, 4]);
  const pickle = bytes[0] === 0x80 && bytes[1]! <= 5;
  const convert = "convert it in Python with safetensors.torch.save_file";
  if (zip || pickle) return `; it looks like a pickle of PyTorch, which can run code: ${convert}`;
  return startsWith(bytes, [0x89, 0x48, 0x44, 0x46]) ? `; it looks like HDF5: ${convert}` : "";
}

function headerLength(bytes: Uint8Array, where: string): number {
  if (bytes.length < prefixBytes + 2) {
    throw new UserError(
      `${where}: ${bytes.length} bytes, a safetensors file has at least 10${foreignHint(bytes)}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  const most = Math.min(headerLimit, bytes.length - prefixBytes);
  if (length < 2n || length > BigInt(most)) {
    throw new UserError(
      `${where}: the header says it has ${length} bytes; allowed: 2 to ${most}` +
        foreignHint(bytes),
    );
  }
  return Number(length);
}

/** The header's text without its padding, which may be most of a hostile file. */
function headerText(bytes: Uint8Array, where: string): string {
  if (bytes[prefixBytes] !== 0x7b) {
    throw new UserError(`${where}: the header does not start with "{"${foreignHint(bytes)}`);
  }
  let end = prefixBytes + headerLength(bytes, where);
  while (bytes[end - 1] === 0x20) end--;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(prefixBytes, end));
  } catch {
    throw new UserError(`${where}: the header is not UTF-8`);
  }
}

/** Where the string that starts at `start` of a valid JSON text has its closing quote. */
function closingQuote(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}

function colonFollows(text: string, end: number): boolean {
  let at = end + 1;
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at++;
  return text[at] === ":";
}

/** The first name that an object of valid JSON gives twice; `JSON.parse` just keeps the last. */
function repeatedName(text: string): string | undefined {
  const open: Set<string>[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "{") open.push(new Set());
    if (text[at] === "}") open.pop();
    if (text[at] !== '"') continue;
    const end = closingQuote(text, at);
    if (colonFollows(text, end)) {
      const name: string = JSON.parse(text.slice(at, end + 1));
      if (open.at(-1)?.has(name)) return name;
      open.at(-1)?.add(name);
    }
    at = end;
  }
  return undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseHeader(bytes: Uint8Array, where: string): Fields {
  const text = headerText(bytes, where);
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw new UserError(`${where}: the header is not JSON`);
  }
  const repeated = repeatedName(text);
  if (repeated !== undefined) throw new UserError(`${where}: ${show(repeated)} is there twice`);
  if (!isObject(header)) throw new UserError(`${where}: the header is not a JSON object`);
  return header;
}

function metadataOf(value: unknown, where: string): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  if (!isObject(value)) throw new UserError(`${where}: ${metadataName} is not a JSON object`);
  const entries = Object.entries(value).map(([name, text]): [string, string] => {
    if (typeof text === "string") return [name, text];
    throw new UserError(
      `${where}: ${metadataName} ${show(name)} is ${show(text)}; allowed: strings`,
    );
  });
  return Object.fromEntries(entries);
}

/** A tensor as the header tells it; offsets count from the end of the header. */
interface Claim {
  readonly name: string;
  readonly format: NumberFormat;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function formatOf(dtype: unknown, where: string): NumberFormat {
  if (typeof dtype === "string" && Object.hasOwn(formats, dtype)) return formats[dtype]!;
  throw new UserError(
    `${where}: dtype ${show(dtype)}; allowed: ${Object.keys(formats).join(", ")}`,
  );
}

function readClaim(name: string, value: unknown, dataBytes: number, file: string): Claim {
  const where = `${file}: tensor ${show(name)}`;
  if (!isObject(value)) throw new UserError(`${where}: its entry is not a JSON object`);
  const { dtype, shape, data_offsets: offsets } = value;
  const format = formatOf(dtype, where);
  if (!isSizes(shape)) {
    throw new UserError(`${where}: shape ${show(shape)}; allowed: a list of integers from 0`);
  }
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw new UserError(`${where}: data_offsets ${show(offsets)}; allowed: two integers from 0`);
  }
  const [begin, end] = [offsets[0]!, offsets[1]!];
  if (begin > end || end > dataBytes) {
    throw new UserError(`${where}: data_offsets ${show(offsets)} in ${dataBytes} bytes of data`);
  }
  if (sizeOf(shape) * format.bytes !== end - begin) {
    throw new UserError(
      `${where}: shape ${show(shape)} of ${dtype} does not fill its ${end - begin} bytes`,
    );
  }
  return { name, format, shape, begin, end };
}

/** Every byte of data must belong to exactly one tensor: a file hides and shares nothing. */
function checkTiling(claims: readonly Claim[], dataBytes: number, where: string): void {
  let at = 0;
  for (const { name, begin, end } of claims) {
    if (begin !== at) {
      const what = begin > at ? "leaves a hole before it" : "overlaps the one before";
      throw new UserError(`${where}: tensor ${show(name)} ${what} (byte ${begin}, not ${at})`);
    }
    at = end;
  }
  if (at !== dataBytes) {
    throw new UserError(`${where}: ${dataBytes - at} bytes after the last tensor belong to none`);
  }
}

function readValues(claim: Claim, data: DataView): Float32Array {
  const { format, begin } = claim;
  const values = new Float32Array((claim.end - begin) / format.bytes);
  for (let i = 0; i < values.length; i++) values[i] = format.read(data, begin + i * format.bytes);
  return values;
}

/**
 * Reads a safetensors file: F32, F64, F16 and BF16 tensors, all as float32.
 * Throws `UserError` in one line, starting with `where`, for anything that breaks the format.
 * Source: Hugging Face, safetensors format (length, JSON header, data without holes or overlaps).
 */
export function decodeSafetensors(bytes: Uint8Array, where: string): Safetensors {
  const start = prefixBytes + headerLength(bytes, where);
  const header = parseHeader(bytes, where);
  const dataBytes = bytes.length - start;
  const claims = Object.entries(header)
    .filter(([name]) => name !== metadataName)
    .map(([name, value]) => readClaim(name, value, dataBytes, where))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkTiling(claims, dataBytes, where);
  const data = new DataView(bytes.buffer, bytes.byteOffset + start, dataBytes);
  return {
    entries: claims.map((claim) => ({
      name: claim.name,
      shape: claim.shape,
      values: readValues(claim, data),
    })),
    metadata: metadataOf(header[metadataName], where),
  };
}

/** An entry that cannot be written is a mistake of the caller, not of a file. */
function checkEntries(entries: readonly SafetensorsEntry[]): void {
  const names = new Set<string>([metadataName]);
  for (const { name, shape, values } of entries) {
    if (names.has(name)) throw new Error(`tensor ${show(name)}: the name is taken`);
    if (sizeOf(shape) !== values.length) {
      throw new Error(`tensor ${show(name)}: ${values.length} values for shape ${show(shape)}`);
    }
    names.add(name);
  }
}

function encodeHeader(
  entries: readonly SafetensorsEntry[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  let at = 0;
  const described = entries.map(({ name, shape, values }): [string, unknown] => {
    const begin = at;
    at += 4 * values.length;
    return [name, { dtype: "F32", shape, data_offsets: [begin, at] }];
  });
  const free: [string, unknown][] =
    Object.keys(metadata).length === 0 ? [] : [[metadataName, metadata]];
  return new TextEncoder().encode(JSON.stringify(Object.fromEntries([...free, ...described])));
}

/**
 * Bytes of a safetensors file of F32 tensors in the given order; equal values give equal bytes.
 * The header is padded with spaces so that the data starts at a multiple of 8.
 * Throws `Error` when two entries share a name or values do not fill their shape.
 */
export function encodeSafetensors(
  entries: readonly SafetensorsEntry[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  checkEntries(entries);
  const header = encodeHeader(entries, metadata);
  const start = Math.ceil((prefixBytes + header.length) / 8) * 8;
  const count = entries.reduce((sum, { values }) => sum + values.length, 0);
  const bytes = new Uint8Array(start + 4 * count).fill(0x20, prefixBytes, start);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(start - prefixBytes), true);
  bytes.set(header, prefixBytes);
  let at = start;
  for (const { values } of entries) {
    for (let i = 0; i < values.length; i++) view.setFloat32(at + 4 * i, values[i]!, true);
    at += 4 * values.length;
  }
  return bytes;
}
