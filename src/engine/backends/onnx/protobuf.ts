/** Encoded bytes of protocol buffer fields, in order. */
export type Bytes = Uint8Array;

const encoder = new TextEncoder();

/** Wire types of the protocol buffer format. */
const wire = { varint: 0, bytes: 2, fixed32: 5 } as const;

/** Joins encoded fields. */
export function join(parts: readonly Bytes[]): Bytes {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Seven bits a byte, lowest first; negative numbers as 64-bit two's complement. */
function varint(value: number | bigint): Bytes {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 128 : low);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

const tag = (field: number, type: number): Bytes => varint(field * 8 + type);

/** A field that holds a whole number. */
export function integer(field: number, value: number | bigint): Bytes {
  return join([tag(field, wire.varint), varint(value)]);
}

/** A field that holds a 32-bit float. */
export function float(field: number, value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return join([tag(field, wire.fixed32), bytes]);
}

/** A field that holds bytes: raw data, or a message within a message. */
export function bytes(field: number, value: Bytes): Bytes {
  return join([tag(field, wire.bytes), varint(value.length), value]);
}

/** A field that holds text. */
export function text(field: number, value: string): Bytes {
  return bytes(field, encoder.encode(value));
}
