import {
  cosineShifts,
  cosineTerms,
  halfPi,
  ln2,
  logarithmTerms,
  sineTerms,
  smallAngle,
} from "../fdlibm.js";
import type { Body, Code } from "./assembler.js";
import { f64x2, i32, i64x2, v128 } from "./assembler.js";

const { add, sub, mul, div, lt, ge, max, constant } = f64x2;

/** Both lanes have this high word and a zero low word. */
const highWord = (word: number): Code => i64x2.constant(BigInt(word) << 32n);

/** t1 + x (t2 + x (t3 + ...)). */
function series(x: Code, [first, ...others]: readonly number[]): Code {
  const head = constant(first!);
  return others.length === 0 ? head : add(head, mul(x, series(x, others)));
}

/** A value, and a square below `careful` wherever the plain function goes another way. */
export interface Result<T> {
  readonly value: T;
  readonly square: Code;
}

/** Bound on the squares, which is passed once in 35,000 pairs of uniform numbers. */
export const careful = 2 ** -36;

/**
 * -2 `logarithm` of `x` in (0, 1], operation by operation, with doubled parts where the plain one
 * is half of it; the square is that of s.
 */
export function minusTwoLogarithm({ keep }: Body, x: Code): Result<Code> {
  const power = keep(v128.and(i64x2.add(x, highWord(0x95f64)), i64x2.constant(-1n << 52n)));
  const exponent = v128.or(i64x2.shrU(power, i32.constant(52)), highWord(0x43300000));
  const k = keep(sub(exponent, constant(2 ** 52 + 1023)));
  const m = keep(i64x2.add(i64x2.sub(x, power), highWord(0x3ff00000)));
  const f = keep(sub(m, constant(1)));
  const s = keep(div(f, add(constant(1), m)));
  const z = keep(mul(s, s));
  const w = keep(mul(z, z));
  const terms = logarithmTerms.map((term) => 2 * term);
  const [odd, even] = [0, 1].map((parity) => terms.filter((_, i) => i % 2 === parity));
  const r = keep(add(mul(z, series(w, odd!)), mul(w, series(w, even!))));
  const far = keep(
    v128.or(ge(f, constant(0x6147a / 2 ** 20)), lt(f, constant(0x6b852 / 2 ** 21 - 0.5))),
  );
  // Far from 1 the plain function adds f^2/2 where it else takes off f: one of both is zero.
  const square = keep(v128.and(mul(f, f), far));
  const twice = keep(add(f, f));
  const product = mul(s, add(r, sub(square, v128.andNot(twice, far))));
  const low = sub(square, add(product, mul(k, constant(2 * ln2.second))));
  return { value: sub(sub(low, twice), mul(k, constant(2 * ln2.first))), square: z };
}

/** sin(x + y), z = x^2; `whole` has ones where there is no y. */
function sineNearZero({ keep }: Body, x: Code, y: Code, z: Code, whole: Code): Code {
  const [first, ...others] = sineTerms;
  const v = keep(mul(z, x));
  const r = keep(series(z, others));
  const without = mul(v, sub(constant(-first), mul(z, r)));
  const tail = sub(mul(z, sub(mul(constant(0.5), y), mul(v, r))), y);
  const withTail = sub(tail, mul(v, constant(first)));
  return keep(sub(x, v128.or(v128.and(without, whole), v128.andNot(withTail, whole))));
}

/** cos(x + y), z = x^2. */
function cosineNearZero({ keep }: Body, x: Code, y: Code, z: Code): Code {
  const size = keep(v128.and(x, highWord(0x7fffffff)));
  const quarter = v128.and(mul(constant(0.25), size), ge(size, constant(cosineShifts.from)));
  const most = v128.and(constant(cosineShifts.most), ge(size, constant(cosineShifts.mostFrom)));
  const shift = keep(max(quarter, most));
  const r = mul(z, series(z, cosineTerms));
  const rest = sub(sub(mul(constant(0.5), z), shift), sub(mul(z, r), mul(x, y)));
  return keep(sub(sub(constant(1), shift), rest));
}

/** `cosineAndSine`, operation by operation; the square is that of x. */
export function cosineAndSine(body: Body, turn: Code): Result<readonly [Code, Code]> {
  const { keep } = body;
  const angle = keep(mul(constant(2 * Math.PI), turn));
  const small = keep(lt(angle, constant(smallAngle)));
  const nearest = keep(add(mul(constant(4), turn), constant(2 ** 52)));
  const quarters = keep(v128.andNot(sub(nearest, constant(2 ** 52)), small));
  const head = keep(sub(angle, mul(quarters, constant(halfPi.first))));
  const rest = keep(mul(quarters, constant(halfPi.firstRest)));
  const x = keep(sub(head, rest));
  const y = keep(sub(sub(head, x), rest));
  const z = keep(mul(x, x));
  const cosine = cosineNearZero(body, x, y, z);
  const sine = sineNearZero(body, x, y, z, small);
  // The lowest two bits of these are those of the number of quarters.
  const bits = keep(v128.andNot(nearest, small));
  const odd = i64x2.sub(i64x2.constant(0n), v128.and(bits, i64x2.constant(1n)));
  const exchange = keep(v128.and(v128.xor(cosine, sine), odd));
  const signBit = i64x2.constant(-1n << 63n);
  const sineSign = keep(v128.and(i64x2.shl(bits, i32.constant(62)), signBit));
  const cosineSign = v128.xor(sineSign, i64x2.shl(bits, i32.constant(63)));
  return {
    value: [
      v128.xor(v128.xor(cosine, exchange), cosineSign),
      v128.xor(v128.xor(sine, exchange), sineSign),
    ],
    square: z,
  };
}
