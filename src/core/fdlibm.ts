/**
 * Natural logarithm, sine and cosine as fdlibm computes them, in operations that give the same bits
 * on every machine; those of `Math` may differ from engine to engine.
 * Source: fdlibm 5.3, e_log.c, e_rem_pio2.c, k_sin.c, k_cos.c, which carry this notice:
 *
 * Copyright (C) 1993-2004 by Sun Microsystems, Inc. All rights reserved.
 * Developed at SunSoft, a Sun Microsystems, Inc. business. Permission to use, copy, modify, and
 * distribute this software is freely granted, provided that this notice is preserved.
 */
const float = new Float64Array(1);
/** Low and high word of `float`. */
const words = new Int32Array(float.buffer);

function highWord(x: number): number {
  float[0] = x;
  return words[1]!;
}

/** ln 2 in two parts; the exponent of a float64 times the first is exact. */
export const ln2 = { first: 0.6931471803691238, second: 1.9082149292705877e-10 } as const;

/** log((1 + s) / (1 - s)) is s times 2 + t1 s^2 + t2 s^4 + ... for |s| < 0.1716. */
export const logarithmTerms = [
  0.6666666666666735, 0.3999999999940942, 0.2857142874366239, 0.22222198432149784,
  0.1818357216161805, 0.15313837699209373, 0.14798198605106586,
] as const;

/** sin(x) is x times 1 + t1 x^2 + t2 x^4 + ... for |x| < pi/4. */
export const sineTerms = [
  -0.16666666666666632, 0.00833333333332249, -0.0001984126982985795, 0.0000027557313707070068,
  -2.5050760253406863e-8, 1.58969099521155e-10,
] as const;

/** cos(x) is 1 - x^2/2 + t1 x^4 + t2 x^6 + ... for |x| < pi/4. */
export const cosineTerms = [
  0.0416666666666666, -0.001388888888887411, 0.00002480158728947673, -2.7557314351390663e-7,
  2.087572321298175e-9, -1.1359647557788195e-11,
] as const;

/** pi/2 in parts of 33 bits, each with what it and those before leave of pi/2. */
export const halfPi = {
  first: 1.5707963267341256,
  firstRest: 6.077100506506192e-11,
  second: 6.077100506303966e-11,
  secondRest: 2.0222662487959506e-21,
} as const;

/** The first float64 past pi/4 with a zero low word: angles below it are not reduced. */
export const smallAngle = 0x1921fc / 0x200000;

/** Sizes of an angle's rest from which the cosine takes out a quarter of it, and `most`. */
export const cosineShifts = {
  from: 0x133333 / 2 ** 22,
  mostFrom: 0x190001 / 2 ** 21,
  most: 0.28125,
} as const;

const [l1, l2, l3, l4, l5, l6, l7] = logarithmTerms;
const [s1, s2, s3, s4, s5, s6] = sineTerms;
const [c1, c2, c3, c4, c5, c6] = cosineTerms;

/** 2^0 to 2^53. */
const powers = Float64Array.from({ length: 54 }, (_, k) => 2 ** k);

/** log(2^k (1 + f)) for |f| <= 2^-20. */
function logarithmNearPower(f: number, k: number): number {
  const r = f * f * (0.5 - 0.3333333333333333 * f);
  return k * ln2.first - (r - k * ln2.second - f);
}

/** Natural logarithm of `x` in [2^-53, 1]. */
export function logarithm(x: number): number {
  const high = highWord(x);
  const mantissa = high & 0xfffff;
  // x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)).
  const k = ((high + 0x95f64) >> 20) - 1023;
  const f = x * powers[-k]! - 1;
  if (((mantissa + 2) & 0xfffff) < 3) return logarithmNearPower(f, k);
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (l2 + w * (l4 + w * l6));
  const odd = z * (l1 + w * (l3 + w * (l5 + w * l7)));
  const r = odd + even;
  // Both bounds in one comparison, which then is nearly always true.
  if ((mantissa - 0x6147a) >>> 0 > 0x6b851 - 0x6147a)
    return k * ln2.first - (s * (f - r) - k * ln2.second - f);
  const half = 0.5 * f * f;
  return k * ln2.first - (half - (s * (half + r) + k * ln2.second) - f);
}

/** sin(x + y) for |x| < pi/4, where y is x's rounding error; `whole` says that there is none. */
function sineNearZero(x: number, y: number, whole: boolean): number {
  if (Math.abs(x) < 2 ** -27) return x;
  const z = x * x;
  const v = z * x;
  const r = s2 + z * (s3 + z * (s4 + z * (s5 + z * s6)));
  return whole ? x + v * (s1 + z * r) : x - (z * (0.5 * y - v * r) - y - v * s1);
}

/** For |x| in [0, 0.3), [0.3, 0.5), [0.5, 0.78), [0.78, pi/4): see `cosineShift`. */
const shiftScales = Float64Array.of(1, 2 ** 22, 2 ** 21, 2);
const shiftUnits = Float64Array.of(0, 2 ** -24, 2 ** -23, cosineShifts.most);

/**
 * What is taken out of 1 - x^2/2 before it loses bits: from |x| = 0.3 on a quarter of |x|, cut to
 * the 21 bits of a float64's high word. By tables, as a processor guesses the way of a branch, and
 * here it would guess at random.
 */
function cosineShift(x: number): number {
  const high = highWord(x) & 0x7fffffff;
  const i =
    ((0x3fd33332 - high) >>> 31) + ((0x3fdfffff - high) >>> 31) + ((0x3fe90000 - high) >>> 31);
  return Math.floor(Math.abs(x) * shiftScales[i]!) * shiftUnits[i]!;
}

/** cos(x + y) for |x| < pi/4, where y is x's rounding error. */
function cosineNearZero(x: number, y: number): number {
  const z = x * x;
  const r = z * (c1 + z * (c2 + z * (c3 + z * (c4 + z * (c5 + z * c6)))));
  const shift = cosineShift(x);
  return 1 - shift - (0.5 * z - shift - (z * r - x * y));
}

/** Cosine and sine of an angle's rest, which change places in every second quarter. */
const nearZero = new Float64Array(2);
const cosineSigns = Float64Array.of(1, -1, -1, 1, 1);
const sineSigns = Float64Array.of(1, 1, -1, -1, 1);

/**
 * Writes the cosine and the sine of the angle 2 pi `turn`, rounded to a float64, to `out[0]` and
 * `out[1]`; `turn` is in [0, 1].
 */
export function cosineAndSine(turn: number, out: Float64Array): void {
  const angle = 2 * Math.PI * turn;
  // The sum has no place for a fraction, hence is rounded to a whole number.
  const quarters = angle < smallAngle ? 0 : 4 * turn + 2 ** 52 - 2 ** 52;
  let head = angle - quarters * halfPi.first;
  let rest = quarters * halfPi.firstRest;
  let x = head - rest;
  if (Math.abs(x) < 2 ** -17 && highWord(angle) === highWord(quarters * (Math.PI / 2))) {
    const second = quarters * halfPi.second;
    const left = head - second;
    rest = quarters * halfPi.secondRest - (head - left - second);
    head = left;
    x = head - rest;
  }
  const y = head - x - rest;
  const cosine = cosineNearZero(x, y);
  const sine = sineNearZero(x, y, quarters === 0);
  nearZero[0] = cosine;
  nearZero[1] = sine;
  out[0] = cosineSigns[quarters]! * nearZero[quarters & 1]!;
  out[1] = sineSigns[quarters]! * nearZero[(quarters + 1) & 1]!;
}
