/**
 * Counter-based random numbers: Philox4x32-10.
 * A stream is named, never numbered by order, so equal keys give equal numbers whatever else is drawn.
 * Source: Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3".
 */
export interface Key {
  readonly high: number;
  readonly low: number;
}

const rounds = 10;
const multipliers = [0xd2511f53, 0xcd9e8d57] as const;
const weyl = [0x9e3779b9, 0xbb67ae85] as const;

/** High 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (middle & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) >>> 0;
}

/**
 * One block of Philox4x32-10: writes four unsigned 32-bit integers into `out`.
 * `counter` has four unsigned 32-bit words.
 */
export function philox(counter: ArrayLike<number>, key: Key, out: Uint32Array): void {
  let [c0, c1, c2, c3] = [
    counter[0]! >>> 0,
    counter[1]! >>> 0,
    counter[2]! >>> 0,
    counter[3]! >>> 0,
  ];
  let k0 = key.low >>> 0;
  let k1 = key.high >>> 0;
  for (let round = 0; round < rounds; round++) {
    const high0 = multiplyHigh(multipliers[0], c0);
    const low0 = Math.imul(multipliers[0], c0) >>> 0;
    const high1 = multiplyHigh(multipliers[1], c2);
    const low1 = Math.imul(multipliers[1], c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + weyl[0]) >>> 0;
    k1 = (k1 + weyl[1]) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
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

/** Fills `out` block by block with whatever `convert` makes of four random words. */
function fill(
  out: Float64Array,
  key: Key,
  convert: (words: Uint32Array, out: Float64Array, at: number) => void,
): Float64Array {
  const words = new Uint32Array(4);
  const counter = new Uint32Array(4);
  const pair = new Float64Array(2);
  for (let i = 0, block = 0; i < out.length; i += 2, block++) {
    counter[0] = block >>> 0;
    counter[1] = Math.floor(block / 0x100000000);
    philox(counter, key, words);
    convert(words, pair, 0);
    out[i] = pair[0]!;
    if (i + 1 < out.length) out[i + 1] = pair[1]!;
  }
  return out;
}

/** 53 random bits from two words as a float64 in [0, 1). */
function unit(a: number, b: number): number {
  return ((a >>> 5) * 0x4000000 + (b >>> 6)) / 0x20000000000000;
}

/** `n` uniform float64 numbers in [low, high). */
export function uniform(key: Key, n: number, low = 0, high = 1): Float64Array {
  return fill(new Float64Array(n), key, (words, out, at) => {
    out[at] = low + (high - low) * unit(words[0]!, words[1]!);
    out[at + 1] = low + (high - low) * unit(words[2]!, words[3]!);
  });
}

/** `n` independent standard normal float64 numbers (Box-Muller on 53-bit uniforms). */
export function normal(key: Key, n: number): Float64Array {
  return fill(new Float64Array(n), key, (words, out, at) => {
    const radius = Math.sqrt(-2 * Math.log(1 - unit(words[0]!, words[1]!)));
    const angle = 2 * Math.PI * unit(words[2]!, words[3]!);
    out[at] = radius * Math.cos(angle);
    out[at + 1] = radius * Math.sin(angle);
  });
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
