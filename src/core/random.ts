import type { Draws, Numbers } from "./draws.js";
import { plainDraws } from "./draws.js";
import type { Key } from "./philox.js";
import { philox } from "./philox.js";
import { wasmDraws } from "./wasm/draws.js";

/**
 * Keyed random numbers. A stream is named, never numbered by order, so equal keys give equal
 * numbers whatever else is drawn, on every machine to the last bit.
 */
export type { Numbers } from "./draws.js";
export type { Key } from "./philox.js";
export { philox } from "./philox.js";

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

/** Fewer numbers are drawn in plain JavaScript: compiling the kernel takes as long as many. */
const fewest = 2 ** 14;

let compiled: Draws | undefined;

/** The fastest way to draw `n` numbers; the numbers are the same. */
function drawsFor(n: number): Draws {
  if (n < fewest) return plainDraws;
  compiled ??= wasmDraws() ?? plainDraws;
  return compiled;
}

/** Draws uniform numbers in [low, high) into `out`; those of `uniform`, rounded to its type. */
export function fillUniform(out: Numbers, key: Key, low = 0, high = 1): void {
  drawsFor(out.length).uniforms(out, key, 0, low, high);
}

/** `n` uniform float64 numbers in [low, high). */
export function uniform(key: Key, n: number, low = 0, high = 1): Float64Array {
  const out = new Float64Array(n);
  fillUniform(out, key, low, high);
  return out;
}

/**
 * Draws normal numbers of mean 0 into `out`; those of `normal`, times `deviation`, rounded to its
 * type.
 */
export function fillNormal(out: Numbers, key: Key, deviation = 1): void {
  drawsFor(out.length).normals(out, key, 0, deviation);
}

/** `n` independent standard normal float64 numbers (Box-Muller on 53-bit uniforms). */
export function normal(key: Key, n: number): Float64Array {
  const out = new Float64Array(n);
  fillNormal(out, key);
  return out;
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
