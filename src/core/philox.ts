/**
 * Philox4x32-10, a counter-based generator: block `c` of a key's stream is a function of both.
 * Source: Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3".
 */
export interface Key {
  readonly high: number;
  readonly low: number;
}

/** Times that a block is scrambled. */
export const rounds = 10;

/** Factors of a block's words 0 and 2. */
export const multipliers = [0xd2511f53 | 0, 0xcd9e8d57 | 0] as const;

/** What is added to the low and the high word of the key from round to round. */
export const weyl = [0x9e3779b9 | 0, 0xbb67ae85 | 0] as const;

const [multiplier0, multiplier1] = multipliers;
const [weyl0, weyl1] = weyl;

/**
 * High 32 bits of the product of two unsigned 32-bit integers; every step is integer arithmetic
 * modulo 2^32.
 */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) | 0;
  const carry = ((middle & 0xffff) + Math.imul(aLow, bHigh)) | 0;
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (carry >>> 16)) | 0;
}

/**
 * Scrambles the four counter words `out[at..at+3]` in place; words are signed, which spares
 * conversions.
 */
function scramble(out: Int32Array, at: number, key: Key): void {
  let c0 = out[at]!;
  let c1 = out[at + 1]!;
  let c2 = out[at + 2]!;
  let c3 = out[at + 3]!;
  let k0 = key.low | 0;
  let k1 = key.high | 0;
  for (let round = 0; round < rounds; round++) {
    const high0 = multiplyHigh(c0, multiplier0);
    const high1 = multiplyHigh(c2, multiplier1);
    const low0 = Math.imul(multiplier0, c0);
    const low1 = Math.imul(multiplier1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + weyl0) | 0;
    k1 = (k1 + weyl1) | 0;
  }
  out[at] = c0;
  out[at + 1] = c1;
  out[at + 2] = c2;
  out[at + 3] = c3;
}

/**
 * One block of Philox4x32-10: writes four unsigned 32-bit integers into `out`.
 * `counter` has four unsigned 32-bit words.
 */
export function philox(counter: ArrayLike<number>, key: Key, out: Uint32Array): void {
  const words = Int32Array.from(counter);
  scramble(words, 0, key);
  out.set(words);
}

/**
 * Writes blocks `first`, `first + 1`, ... of a key's stream, four words each. The counter's upper
 * words stay zero: no array holds the numbers of 2^32 blocks.
 */
export function fillBlocks(words: Int32Array, first: number, key: Key): void {
  for (let at = 0, block = first; at < words.length; at += 4, block++) {
    words[at] = block;
    words[at + 1] = 0;
    words[at + 2] = 0;
    words[at + 3] = 0;
    scramble(words, at, key);
  }
}
