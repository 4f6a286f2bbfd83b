/**
 * Counter-based random numbers: Philox4x32-10.
 * A stream is named, never numbered by order, so equal keys give equal numbers whatever else is
 * drawn.
 * Source: Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3".
 */
export interface Key {
  readonly high: number;
  readonly low: number;
}

const rounds = 10;
const multiplier0 = 0xd2511f53 | 0;
const multiplier1 = 0xcd9e8d57 | 0;
const weyl0 = 0x9e3779b9 | 0;
const weyl1 = 0xbb67ae85 | 0;

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

/** The key of a user's seed, an integer in [0, 2^53). */
export function keyOf(seed: number): Key {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new RangeError(`seed ${seed}: not in [0, 2^53)`);
  return fold({ low: seed >>> 0, high: Math.floor(seed / 0x100000000) }, "seed");
}

/** FNV-1a of a label's UTF-8 bytes, run twice with different starts: 64 bits. */
function hashLabel(label: string): readonly [number, number] {
  let a = 0x811c9dc5;
  let b = 0x9dc5811c;
  for (const byte of new TextEncoder().encode(label)) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte, 0x01000197);
  }
  return [a >>> 0, b >>> 0];
}

/** A key derived by name: `fold(fold(key, "init"), "blocks.3.branch.conv1.weight")`. */
export function fold(key: Key, label: string): Key {
  const [a, b] = hashLabel(label);
  const out = new Uint32Array(4);
  philox([a, b, label.length, 0x666f6c64], key, out);
  return { low: out[0]!, high: out[1]! };
}

/** Blocks of four words made at a time: 16 KiB, so that they stay in the first cache. */
const chunk = 1024;

/** Writes blocks `first`, `first + 1`, ... of a key's stream, four words each. */
function fillBlocks(words: Int32Array, first: number, key: Key): void {
  for (let at = 0, block = first; at < words.length; at += 4, block++) {
    words[at] = block | 0;
    words[at + 1] = Math.floor(block / 0x100000000);
    words[at + 2] = 0;
    words[at + 3] = 0;
    scramble(words, at, key);
  }
}

/** 53 random bits from two words as a float64 in [0, 1). */
function unit(a: number, b: number): number {
  return ((a >>> 5) * 0x4000000 + (b >>> 6)) / 0x20000000000000;
}

/** Hands `convert` the words of ever more blocks; block b makes the values 2b and 2b + 1. */
function fill(
  n: number,
  key: Key,
  convert: (words: Int32Array, out: Float64Array, at: number) => void,
): Float64Array {
  const out = new Float64Array(n + (n % 2));
  const words = new Int32Array(4 * Math.min(chunk, out.length / 2));
  for (let at = 0; at < out.length; at += 2 * chunk) {
    const part = words.subarray(0, Math.min(words.length, 2 * (out.length - at)));
    fillBlocks(part, at / 2, key);
    convert(part, out, at);
  }
  return n === out.length ? out : out.slice(0, n);
}

/** `n` uniform float64 numbers in [low, high). */
export function uniform(key: Key, n: number, low = 0, high = 1): Float64Array {
  return fill(n, key, (words, out, at) => {
    for (let i = 0; i < words.length; i += 2)
      out[at + i / 2] = low + (high - low) * unit(words[i]!, words[i + 1]!);
  });
}

/** Box-Muller on 53-bit uniforms: two normal numbers from four words. */
function boxMuller(words: Int32Array, out: Float64Array, at: number): void {
  for (let i = 0; i < words.length; i += 4) {
    const radius = Math.sqrt(-2 * Math.log(1 - unit(words[i]!, words[i + 1]!)));
    const angle = 2 * Math.PI * unit(words[i + 2]!, words[i + 3]!);
    out[at + i / 2] = radius * Math.cos(angle);
    out[at + i / 2 + 1] = radius * Math.sin(angle);
  }
}

/** `n` independent standard normal float64 numbers (Box-Muller on 53-bit uniforms). */
export function normal(key: Key, n: number): Float64Array {
  return fill(n, key, boxMuller);
}

/** A random order of 0..n-1 (Fisher-Yates). */
export function permutation(key: Key, n: number): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  const draws = uniform(key, n);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(draws[i]! * (i + 1));
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}
