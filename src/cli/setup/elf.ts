import { closeSync, openSync, readSync } from "node:fs";
import { failure } from "./work.js";

/** What a shared library says about itself and the ones it needs. */
export interface SharedLibrary {
  readonly soname: string | undefined;
  readonly needed: readonly string[];
  /** Folders it searches first, from `RPATH` or `RUNPATH`. */
  readonly runPath: string | undefined;
}

/** Reads bytes of a file by place. */
type Read = (offset: number, length: number) => Buffer;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

const segmentTypes = { load: 1, dynamic: 2 };
const tags = { needed: 1, stringTable: 5, stringSize: 10, soname: 14, rPath: 15, runPath: 29 };

const long = (bytes: Buffer, at: number) => Number(bytes.readBigUInt64LE(at));

/** The program headers of a 64-bit little-endian ELF file. */
function segmentsOf(read: Read): readonly Segment[] {
  const header = read(0, 64);
  const isElf = header.readUInt32BE(0) === 0x7f454c46 && header[4] === 2 && header[5] === 1;
  if (!isElf) throw new Error("no 64-bit little-endian ELF file");
  const [start, size, count] = [long(header, 32), header.readUInt16LE(54), header.readUInt16LE(56)];
  const table = read(start, size * count);
  return Array.from({ length: count }, (_, i) => i * size).map((at) => ({
    type: table.readUInt32LE(at),
    offset: long(table, at + 8),
    address: long(table, at + 16),
    size: long(table, at + 32),
  }));
}

type Entry = readonly [tag: number, value: number];

function dynamicEntries(read: Read, segments: readonly Segment[]): readonly Entry[] {
  const dynamic = segments.find(({ type }) => type === segmentTypes.dynamic);
  if (dynamic === undefined) return [];
  const bytes = read(dynamic.offset, dynamic.size);
  return Array.from({ length: dynamic.size / 16 }, (_, i) => [
    long(bytes, 16 * i),
    long(bytes, 16 * i + 8),
  ]);
}

function stringTable(read: Read, segments: readonly Segment[], entries: readonly Entry[]): Buffer {
  const valueFor = (wanted: number) => entries.find(([tag]) => tag === wanted)?.[1] ?? 0;
  const [address, size] = [valueFor(tags.stringTable), valueFor(tags.stringSize)];
  const segment = segments.find(
    (one) =>
      one.type === segmentTypes.load && address >= one.address && address < one.address + one.size,
  );
  return segment === undefined
    ? Buffer.alloc(0)
    : read(address - segment.address + segment.offset, size);
}

function parse(read: Read): SharedLibrary {
  const segments = segmentsOf(read);
  const entries = dynamicEntries(read, segments);
  const strings = stringTable(read, segments, entries);
  const textsOf = (wanted: number) =>
    entries
      .filter(([tag]) => tag === wanted)
      .map(([, start]) => strings.toString("latin1", start, strings.indexOf(0, start)));
  return {
    soname: textsOf(tags.soname)[0],
    needed: textsOf(tags.needed),
    runPath: [...textsOf(tags.runPath), ...textsOf(tags.rPath)][0],
  };
}

/**
 * Reads the dynamic section of a shared library, and nothing else of it.
 * Errors thrown: `MachineError` when the file is none.
 */
export function readSharedLibrary(path: string): SharedLibrary {
  const file = openSync(path, "r");
  try {
    return parse((offset, length) => {
      const bytes = Buffer.alloc(length);
      if (readSync(file, bytes, 0, length, offset) !== length) throw new Error("cut off");
      return bytes;
    });
  } catch (error) {
    throw failure(`${path}: not a shared library (${(error as Error).message})`);
  } finally {
    closeSync(file);
  }
}
