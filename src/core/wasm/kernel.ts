import { multipliers, rounds, weyl } from "../philox.js";
import type { Body, Code, ExportedFunction } from "./assembler.js";
import { f64x2, i32, i32x4, i64x2, moduleOf, v128 } from "./assembler.js";
import { careful, cosineAndSine, minusTwoLogarithm } from "./fdlibm.js";

const { add, sub, mul, constant } = f64x2;

/** Word 0 of four blocks, word 1, word 2, word 3. */
type Words = readonly [Code, Code, Code, Code];

/** Bytes of four blocks: 16 words, or the eight numbers that take their place. */
const group = 64;

const four = (word: number): Code => i32x4.constant(word, word, word, word);

/** One round of Philox on four blocks. */
function scramble({ keep }: Body, [c0, c1, c2, c3]: Words, [k0, k1]: readonly [Code, Code]): Words {
  const product = (word: Code, factor: number): readonly [low: Code, high: Code] => {
    const front = keep(i64x2.multiplyLow(word, four(factor)));
    const back = keep(i64x2.multiplyHigh(word, four(factor)));
    const low = v128.shuffle(front, back, [0, 2, 4, 6]);
    return [keep(low), v128.shuffle(front, back, [1, 3, 5, 7])];
  };
  const [low0, high0] = product(c0, multipliers[0]);
  const [low1, high1] = product(c2, multipliers[1]);
  return [
    keep(v128.xor(high1, v128.xor(c1, k0))),
    low1,
    keep(v128.xor(high0, v128.xor(c3, k1))),
    low0,
  ];
}

/** Goes through parameter 0 blocks in memory, `groups` times four at a time. */
function overGroups(
  body: Body,
  groups: number,
  write: (address: Code, offset: number) => void,
): void {
  const end = body.variable("i32", i32.shl(body.parameter(0), i32.constant(4)));
  const address = body.variable("i32", i32.constant(0));
  body.repeat(() => {
    for (let i = 0; i < groups; i++) write(address.get, i * group);
    address.set(i32.add(address.get, i32.constant(groups * group)));
    return i32.ltU(address.get, end.get);
  });
}

/** `(count, first, keyLow, keyHigh)`: the words of blocks `first`, `first + 1`, ... of a key. */
const words: ExportedFunction = {
  name: "words",
  parameters: ["i32", "i32", "i32", "i32"],
  write: (body) => {
    const { keep, variable, parameter } = body;
    const roundKey = (half: 0 | 1, round: number): Code =>
      keep(i32x4.splat(i32.add(parameter(2 + half), i32.constant(Math.imul(weyl[half], round)))));
    const keys = Array.from(
      { length: rounds },
      (_, round) => [roundKey(0, round), roundKey(1, round)] as const,
    );
    const numbers = i32x4.add(i32x4.splat(parameter(1)), i32x4.constant(0, 1, 2, 3));
    const counter = variable("v128", numbers);
    // Two groups at a time: the steps of one wait for each other.
    overGroups(body, 2, (address, offset) => {
      const start: Words = [counter.get, four(0), four(0), four(0)];
      const made = keys.reduce((state, key) => scramble(body, state, key), start);
      made.forEach((word, i) => {
        body.store(address, offset + 16 * i, word);
      });
      counter.set(i32x4.add(counter.get, four(4)));
    });
    return i32.constant(0);
  },
};

/**
 * Uniform numbers in [0, 1) of two blocks: 27 bits of `a` become 2^25 + a 2^-27 when the right word
 * is put behind them, 26 bits of `b` become 1/2 + b 2^-53.
 */
function unit(a: Code, b: Code, lanes: readonly number[]): Code {
  const upper = v128.shuffle(i32x4.shrU(a, i32.constant(5)), four(0x41800000), lanes);
  const lower = v128.shuffle(i32x4.shrU(b, i32.constant(6)), four(0x3fe00000), lanes);
  return add(sub(upper, constant(2 ** 25 + 0.5)), lower);
}

/** Puts numbers in the place of words; `convert` makes those of two blocks from uniform ones. */
function overPairs(
  body: Body,
  convert: (first: Code, second: Code) => readonly [Code, Code],
): void {
  const { keep, load, store } = body;
  overGroups(body, 1, (address, offset) => {
    const word = (i: number): Code => keep(load(address, offset + 16 * i));
    const [a, b, c, d] = [word(0), word(1), word(2), word(3)];
    const halves = [
      [0, 4, 1, 5],
      [2, 6, 3, 7],
    ].map((lanes) => convert(keep(unit(a, b, lanes)), keep(unit(c, d, lanes))).map(keep));
    halves.forEach(([first, second], i) => {
      store(address, offset + 32 * i, v128.shuffle(first!, second!, [0, 1, 4, 5]));
      store(address, offset + 32 * i + 16, v128.shuffle(first!, second!, [2, 3, 6, 7]));
    });
  });
}

/**
 * `(count, deviation)`: normal numbers in the place of words. Pairs that need the care of the plain
 * functions become NaN; the result says whether there are any.
 */
const normals: ExportedFunction = {
  name: "normals",
  parameters: ["i32", "f64"],
  write: (body) => {
    const { keep } = body;
    const deviation = keep(f64x2.splat(body.parameter(1)));
    const found = body.variable("v128", four(0));
    overPairs(body, (first, second) => {
      const log = minusTwoLogarithm(body, keep(sub(constant(1), first)));
      const turned = cosineAndSine(body, second);
      const unfit = keep(f64x2.lt(f64x2.min(log.square, turned.square), constant(careful)));
      found.set(v128.or(found.get, unfit));
      const radius = keep(v128.or(f64x2.sqrt(log.value), unfit));
      const [cosine, sine] = turned.value;
      return [mul(deviation, mul(radius, cosine)), mul(deviation, mul(radius, sine))];
    });
    return v128.anyTrue(found.get);
  },
};

/** `(count, low, width)`: uniform numbers in [low, low + width) in the place of words. */
const uniforms: ExportedFunction = {
  name: "uniforms",
  parameters: ["i32", "f64", "f64"],
  write: (body) => {
    const low = body.keep(f64x2.splat(body.parameter(1)));
    const width = body.keep(f64x2.splat(body.parameter(2)));
    const within = (u: Code): Code => add(low, mul(width, u));
    overPairs(body, (first, second) => [within(first), within(second)]);
    return i32.constant(0);
  },
};

/** The bytes of a module of these functions, which work on the memory that it exports. */
export function kernelModule(): Uint8Array {
  return moduleOf([words, normals, uniforms]);
}
