/**
 * A small assembler of WebAssembly with 128-bit vectors. Code is bytes, nested at will: an
 * operation is given the code of its operands and puts its own bytes behind.
 * Source: WebAssembly Core Specification 2.0, chapter 5, "Binary format".
 */
export type Code = number | readonly Code[];

/** The bytes of some code, in order. */
function bytesOf(code: Code, bytes: number[] = []): number[] {
  if (typeof code === "number") bytes.push(code);
  else for (const part of code) bytesOf(part, bytes);
  return bytes;
}

/** LEB128 of an unsigned integer. */
const unsigned = (n: number): Code => (n < 128 ? n : [(n & 127) | 128, unsigned(n >>> 7)]);

/** LEB128 of a signed 32-bit integer. */
const signed = (n: number): Code =>
  n >= -64 && n < 64 ? n & 127 : [(n & 127) | 128, signed(n >> 7)];

type Operation = (...operands: readonly Code[]) => Code;

const scalar =
  (opcode: number): Operation =>
  (...operands) => [operands, opcode];

const vector =
  (opcode: number): Operation =>
  (...operands) => [operands, 0xfd, unsigned(opcode)];

/** A vector whose bytes are those of a typed array. */
const constant = (lanes: ArrayBufferView): Code => [0xfd, 12, [...new Uint8Array(lanes.buffer)]];

/** Operations on one 32-bit integer. */
export const i32 = {
  constant: (n: number): Code => [0x41, signed(n | 0)],
  ltU: scalar(0x49),
  add: scalar(0x6a),
  shl: scalar(0x74),
} as const;

/** Operations on 128 bits. */
export const v128 = {
  and: vector(0x4e),
  /** `a & ~b`. */
  andNot: vector(0x4f),
  or: vector(0x50),
  xor: vector(0x51),
  anyTrue: vector(0x53),
  /** Four of the eight 32-bit lanes of `a` and `b`, by number. */
  shuffle: (a: Code, b: Code, lanes: readonly number[]): Code => [
    vector(13)(a, b),
    lanes.map((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)),
  ],
} as const;

/** Operations on four 32-bit integers; a shift's second operand is an i32. */
export const i32x4 = {
  constant: (...lanes: readonly [number, number, number, number]): Code =>
    constant(Int32Array.from(lanes)),
  splat: vector(0x11),
  shrU: vector(0xad),
  add: vector(0xae),
} as const;

/** Operations on two 64-bit integers; a shift's second operand is an i32. */
export const i64x2 = {
  constant: (n: bigint): Code => constant(BigInt64Array.of(n, n)),
  shl: vector(0xcb),
  shrU: vector(0xcd),
  add: vector(0xce),
  sub: vector(0xd1),
  /** Products of the unsigned 32-bit lanes 0 and 1. */
  multiplyLow: vector(0xde),
  /** Products of the unsigned 32-bit lanes 2 and 3. */
  multiplyHigh: vector(0xdf),
} as const;

/** Operations on two float64 numbers; a comparison gives lanes of ones or zeros. */
export const f64x2 = {
  constant: (x: number): Code => constant(Float64Array.of(x, x)),
  splat: vector(0x14),
  lt: vector(0x49),
  ge: vector(0x4c),
  sqrt: vector(0xef),
  add: vector(0xf0),
  sub: vector(0xf1),
  mul: vector(0xf2),
  div: vector(0xf3),
  /** `b < a ? b : a`. */
  min: vector(0xf6),
  /** `a < b ? b : a`. */
  max: vector(0xf7),
} as const;

const types = { i32: 0x7f, f64: 0x7c, v128: 0x7b } as const;

/** A function in the making: what is called on it is computed in that order. */
export interface Body {
  parameter(index: number): Code;
  /** Computes a vector here, once, and stands for it from here on. */
  keep(value: Code): Code;
  /** A place that changes. */
  variable(type: "i32" | "v128", start: Code): { readonly get: Code; set(value: Code): void };
  /** The vector in memory at `offset` bytes behind `address`. */
  load(address: Code, offset: number): Code;
  /** Writes a vector into memory at `offset` bytes behind `address`. */
  store(address: Code, offset: number, value: Code): void;
  /** Goes through `round` once, and again as long as its result is not zero. */
  repeat(round: () => Code): void;
}

/** A function that a module exports; what `write` returns is its result, an i32. */
export interface ExportedFunction {
  readonly name: string;
  readonly parameters: readonly ("i32" | "f64")[];
  write(body: Body): Code;
}

const list = (items: readonly Code[]): Code => [unsigned(items.length), items];

/** Code behind the number of its bytes. */
function measured(code: Code): Code {
  const bytes = bytesOf(code);
  return [unsigned(bytes.length), bytes];
}

const nameOf = (name: string): Code => list([...new TextEncoder().encode(name)]);
const section = (id: number, items: readonly Code[]): Code => [id, measured(list(items))];

function functionCode({ parameters, write }: ExportedFunction): Code {
  const code: Code[] = [];
  const locals: Code[] = [];
  const local = (type: keyof typeof types): Code => {
    locals.push([1, types[type]]);
    return unsigned(parameters.length + locals.length - 1);
  };
  const variable: Body["variable"] = (type, start) => {
    const index = local(type);
    const set = (value: Code): void => void code.push(value, 0x21, index);
    set(start);
    return { get: [0x20, index], set };
  };
  const result = write({
    parameter: (index) => [0x20, unsigned(index)],
    keep: (value) => variable("v128", value).get,
    variable,
    load: (address, offset) => [vector(0)(address), 4, unsigned(offset)],
    store: (address, offset, value) =>
      void code.push(vector(11)(address, value), 4, unsigned(offset)),
    repeat: (round) => {
      code.push(0x03, 0x40);
      code.push(round(), 0x0d, 0, 0x0b);
    },
  });
  return measured([list(locals), code, result, 0x0b]);
}

/** The bytes of a module that exports these functions and `memory` of 64 KiB. */
export function moduleOf(functions: readonly ExportedFunction[]): Uint8Array {
  const signature = ({ parameters }: ExportedFunction): Code => [
    0x60,
    list(parameters.map((type) => types[type])),
    list([types.i32]),
  ];
  const exported = functions.map(({ name }, i) => [nameOf(name), 0, unsigned(i)]);
  return Uint8Array.from(
    bytesOf([
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, functions.map(signature)),
      section(
        3,
        functions.map((_, i) => unsigned(i)),
      ),
      section(5, [[0, 1]]),
      section(7, [...exported, [nameOf("memory"), 2, 0]]),
      section(10, functions.map(functionCode)),
    ]),
  );
}
