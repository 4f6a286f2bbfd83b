import { cosineAndSine, logarithm } from "./fdlibm.js";
import type { Key } from "./philox.js";
import { fillBlocks } from "./philox.js";

/** Where numbers are drawn to; they are float64 numbers, a Float32Array rounds them. */
export type Numbers = Float64Array | Float32Array;

/**
 * Fills `out` with the numbers of a key's stream from block `first` on: block b makes the numbers
 * 2b and 2b + 1. Every implementation gives the same bits.
 */
export interface Draws {
  /** Normal numbers of mean 0 by Box-Muller: 53 random bits for the radius, 53 for the angle. */
  normals(out: Numbers, key: Key, first: number, deviation: number): void;
  /** Uniform numbers in [low, high) of 53 random bits. */
  uniforms(out: Numbers, key: Key, first: number, low: number, high: number): void;
}

/** Blocks of four words made at a time: 16 KiB, so that they stay in the first cache. */
const chunk = 1024;

/** 53 random bits from two words as a float64 in [0, 1). */
function unit(a: number, b: number): number {
  return ((a >>> 5) * 0x4000000 + (b >>> 6)) / 0x20000000000000;
}

/** Hands `convert` the words of ever more blocks; the last may make one number too many. */
function convertBlocks(
  out: Numbers,
  key: Key,
  first: number,
  convert: (words: Int32Array, at: number) => void,
): void {
  const words = new Int32Array(4 * Math.min(chunk, Math.ceil(out.length / 2)));
  for (let at = 0; at < out.length; at += 2 * chunk) {
    const part = words.subarray(0, 4 * Math.ceil((out.length - at) / 2));
    fillBlocks(part, first + at / 2, key);
    convert(part, at);
  }
}

/** Draws in plain JavaScript: the definition of the numbers, and what runs anywhere. */
export const plainDraws: Draws = {
  normals: (out, key, first, deviation) => {
    const pair = new Float64Array(2);
    convertBlocks(out, key, first, (words, at) => {
      for (let i = 0; i < words.length; i += 4) {
        const radius = Math.sqrt(-2 * logarithm(1 - unit(words[i]!, words[i + 1]!)));
        cosineAndSine(unit(words[i + 2]!, words[i + 3]!), pair);
        out[at + i / 2] = deviation * (radius * pair[0]!);
        out[at + i / 2 + 1] = deviation * (radius * pair[1]!);
      }
    });
  },
  uniforms: (out, key, first, low, high) => {
    convertBlocks(out, key, first, (words, at) => {
      for (let i = 0; i < words.length; i += 2)
        out[at + i / 2] = low + (high - low) * unit(words[i]!, words[i + 1]!);
    });
  },
};
