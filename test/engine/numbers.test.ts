import { beforeAll, describe, expect, test } from "vitest";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";

beforeAll(() => useBackend("onnx"));

/** Numbers of every size and sign, dense around 0 and 1. */
function everySize(): Float32Array {
  const powers = Array.from({ length: 740 }, (_, i) => 2 ** (-149 + 0.37 * i));
  const steps = Array.from({ length: 4001 }, (_, i) => (i - 2000) / 1700);
  const wide = Array.from({ length: 4001 }, (_, i) => (i - 2000) / 20);
  return Float32Array.from([...powers, ...powers.map((x) => -x), ...steps, ...wide]);
}

/** The smallest float with all digits, and a size whose fractions have them too. */
const [normal, safe] = [2 ** -126, 2 ** -116];

/** Largest error relative to the value, or to the smallest size that has all its digits. */
function worstOf(measured: Float32Array, exact: Float64Array, smallest: number): number {
  return measured.reduce((worst, value, i) => {
    const expected = Math.fround(exact[i]!);
    if (Object.is(value, expected) || value === expected) return worst;
    const size = Math.max(Math.abs(expected), smallest);
    return Math.max(worst, Math.abs(value - expected) / size);
  }, 0);
}

/** Klambauer et al. 2017, arXiv:1706.02515, eq. 14. */
const [alpha, scale] = [1.6732632423543772, 1.0507009873554805];

test.each([
  ["exp(x) - 1", tf.expm1, Math.expm1, normal],
  ["log(1 + x)", tf.log1p, Math.log1p, normal],
  ["ELU", tf.elu, (x: number) => (x > 0 ? x : Math.expm1(x)), safe],
  ["SELU", tf.selu, (x: number) => scale * (x > 0 ? x : alpha * Math.expm1(x)), safe],
  ["sinh", tf.sinh, Math.sinh, normal],
  ["asinh", tf.asinh, Math.asinh, normal],
  ["atanh", tf.atanh, Math.atanh, normal],
  ["tan", tf.tan, Math.tan, normal],
  ["asin", tf.asin, Math.asin, normal],
  ["atan", tf.atan, Math.atan, normal],
] as const)(
  "%s is right to 1e-6 of itself wherever it is defined",
  (_, measured, exact, smallest) => {
    const x = everySize();
    const expected = Float64Array.from(x, (value) => exact(value));
    expect(expected.some((value) => Number.isNaN(value))).toBe(Number.isNaN(exact(-1.2)));
    const y = tf.tidy(() => measured(tf.tensor1d(x)).dataSync<"float32">().slice());
    expect(worstOf(y, expected, smallest)).toBeLessThan(1e-6);
  },
);

const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1.5, -2.5, 0.5];

const float = (x: tf.Tensor): tf.Tensor => tf.cast(x, "float32");

type Call = readonly [string, (x: tf.Tensor1D) => tf.Tensor];

/** Each with the odd numbers, alone and each against each other. */
const elementwise: readonly Call[] = [
  ["absolute value", tf.abs],
  ["negative", tf.neg],
  ["square", tf.square],
  ["root", tf.sqrt],
  ["inverse root", tf.rsqrt],
  ["reciprocal", tf.reciprocal],
  ["exp", tf.exp],
  ["exp less 1", tf.expm1],
  ["log", tf.log],
  ["log of 1 more", tf.log1p],
  ["tanh", tf.tanh],
  ["sigmoid", tf.sigmoid],
  ["softplus", tf.softplus],
  ["erf", tf.erf],
  ["tan", tf.tan],
  ["asin", tf.asin],
  ["acos", tf.acos],
  ["atan", tf.atan],
  ["sinh", tf.sinh],
  ["cosh", tf.cosh],
  ["asinh", tf.asinh],
  ["acosh", tf.acosh],
  ["atanh", tf.atanh],
  ["ReLU", tf.relu],
  ["ReLU6", tf.relu6],
  ["leaky ReLU", (x) => tf.leakyRelu(x, 0.3)],
  ["leaky unit", (x) => tf.prelu(x, tf.tensor1d([0.3]))],
  ["ELU", tf.elu],
  ["SELU", tf.selu],
  ["bounds", (x) => tf.clipByValue(x, -1, 6)],
  ["step", (x) => tf.step(x, 0.3)],
  ["floor", tf.floor],
  ["ceil", tf.ceil],
  ["round", tf.round],
  ["is no number", (x) => float(tf.isNaN(x))],
  ["is infinite", (x) => float(tf.isInf(x))],
  ["is finite", (x) => float(tf.isFinite(x))],
  ["is not 0", (x) => float(tf.cast(x, "bool"))],
];

const pairs: readonly (readonly [string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor])[] = [
  ["sum", tf.add],
  ["product", tf.mul],
  ["quotient", tf.div],
  ["quotient but by 0", tf.divNoNan],
  ["remainder", tf.mod],
  ["power", tf.pow],
  ["maximum", tf.maximum],
  ["minimum", tf.minimum],
  ["squared difference", tf.squaredDifference],
  ["greater", (a, b) => float(tf.greater(a, b))],
  ["less or equal", (a, b) => float(tf.lessEqual(a, b))],
  ["equal", (a, b) => float(tf.equal(a, b))],
  ["not equal", (a, b) => float(tf.notEqual(a, b))],
  ["choice", (a, b) => tf.where(tf.isNaN(a), b, a)],
];

const reductions: readonly Call[] = [
  ["sum", (x) => tf.sum(x)],
  ["mean", (x) => tf.mean(x)],
  ["largest", (x) => tf.max(x)],
  ["smallest", (x) => tf.min(x)],
  ["running sum", (x) => tf.cumsum(x)],
  ["softmax", (x) => tf.softmax(x)],
];

const calls: readonly Call[] = [
  ...elementwise,
  ...pairs.map(([name, apply]): Call => [`${name} of pairs`, (x) => apply(x, tf.expandDims(x, 1))]),
  ...reductions,
  ...reductions.map(([name, apply]): Call => [`${name} without NaN`, (x) => apply(tf.slice(x, 1))]),
];

/** What a number is where it is not finite. */
const kindOf = (value: number): number | string => (Number.isFinite(value) ? "finite" : value);

describe("numbers that are not finite, and zeros", () => {
  const expected = new Map<string, Float32Array>();

  const readings = ([, apply]: Call) =>
    tf.tidy(() => apply(tf.tensor1d(odd)).dataSync<"float32">().slice());

  beforeAll(async () => {
    await useBackend("cpu");
    for (const call of calls) expected.set(call[0], readings(call));
    await useBackend("onnx");
  });

  test.each(calls)("come out of %s as in plain JavaScript", (name, apply) => {
    const measured = readings([name, apply]);
    const wanted = expected.get(name)!;
    expect([...measured].map(kindOf)).toEqual([...wanted].map(kindOf));
    for (const [i, value] of wanted.entries()) {
      // The few roundings of one function.
      if (Number.isFinite(value)) expect(measured[i]! - value).toBeCloseTo(0, 6);
    }
  });

  test("divide whole numbers by 0 to 0 and not the program", () => {
    const [a, zero] = [tf.tensor1d([7, -7, 0], "int32"), tf.zeros([3], "int32")];
    expect([...tf.floorDiv(a, zero).dataSync()]).toEqual([0, 0, 0]);
    expect([...tf.mod(a, zero).dataSync()]).toEqual([0, 0, 0]);
  });

  test("are told from the first of equals by places of extremes", () => {
    const x = tf.tensor2d([
      [Number.NaN, 1, 2],
      [0.6, 1.3, 1.3],
      [-2, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
    ]);
    expect([...tf.argMax(x, 1).dataSync()]).toEqual([0, 1, 0]);
    expect([...tf.argMin(x, 1).dataSync()]).toEqual([0, 0, 1]);
  });
});

test("places of maxima are right where numbers on the way to them leave 32 bits", () => {
  const x = tf.reshape(tf.sin(tf.range(0, 64 * 64 * 1024)), [1, 64, 64, 1024]) as tf.Tensor4D;
  const { result, indexes } = tf.maxPoolWithArgmax(x, 2, 2, 0, true);
  const found = tf.gather(tf.reshape(x, [-1]), indexes!);
  expect(tf.max(tf.abs(tf.sub(found, result!))).dataSync()[0]).toBe(0);
});

test("entries of segments that are not there are left out", () => {
  const ids = tf.tensor1d([2, -1, 0, 7, 3], "int32");
  const sums = tf.unsortedSegmentSum(tf.add(tf.tensor1d([1, 2, 4, 8, 16]), 0), ids, 3);
  expect([...sums.dataSync()]).toEqual([4, 0, 1]);
});

test("entries that go to one place are added up by however many threads", () => {
  const count = 60_000;
  const ids = tf.tensor1d(
    Int32Array.from({ length: count }, (_, i) => i % 3),
    "int32",
  );
  const ones = tf.mul(tf.ones([count, 7]), tf.scalar(1));
  const sums = tf.unsortedSegmentSum(ones, ids, 3).dataSync();
  // Whole numbers below 2^24 are exact.
  expect(new Set(sums)).toEqual(new Set([count / 3]));
});
