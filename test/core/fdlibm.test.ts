import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cosineAndSine, logarithm } from "../../src/core/fdlibm.js";

/** Steps of float64 between two numbers of one sign, from their bits. */
function steps(a: number, b: number): bigint {
  const bits = new BigInt64Array(Float64Array.of(a, b).buffer);
  const difference = bits[0]! - bits[1]!;
  return difference < 0n ? -difference : difference;
}

/** Both functions round within one step, hence two of them within two; engines differ there. */
const allowed = 2n;

function expectLogarithm(x: number): void {
  expect(steps(logarithm(x), Math.log(x)), `log ${x}`).toBeLessThanOrEqual(allowed);
}

function expectCosineAndSine(turn: number): void {
  const out = new Float64Array(2);
  const angle = 2 * Math.PI * turn;
  cosineAndSine(turn, out);
  expect(steps(out[0]!, Math.cos(angle)), `cos ${angle}`).toBeLessThanOrEqual(allowed);
  expect(steps(out[1]!, Math.sin(angle)), `sin ${angle}`).toBeLessThanOrEqual(allowed);
}

/** A multiple of 2^-53 in [0, 1), as the uniform numbers are. */
const fraction = fc.integer({ min: 0, max: 2 ** 53 - 1 }).map((n) => n / 2 ** 53);
/** Places around a point, ever closer: multiples of 2^-20 to 2^-53. */
const nearby = fc
  .tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: 20, max: 53 }))
  .map(([n, e]) => n * 2 ** -e);

describe("logarithm", () => {
  it("is that of the engine on (0, 1]", () => {
    fc.assert(
      fc.property(fraction, (u) => expectLogarithm(1 - u)),
      { numRuns: 5000 },
    );
  });

  it("is that of the engine next to powers of two, and at them", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 53 }), nearby, (k, d) => {
        expectLogarithm(Math.min(2 ** -k * (1 + d), 1));
      }),
      { numRuns: 2000 },
    );
    expect(logarithm(1)).toBe(0);
    expect(logarithm(2 ** -53)).toBe(-53 * Math.LN2);
  });
});

describe("cosineAndSine", () => {
  it("are those of the engine on [0, 2 pi)", () => {
    fc.assert(
      fc.property(fraction, (u) => expectCosineAndSine(u)),
      { numRuns: 5000 },
    );
  });

  it("are those of the engine next to multiples of pi/4", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 7 }), nearby, (eighths, d) => {
        fc.pre(d > 0 || eighths > 0);
        expectCosineAndSine(eighths / 8 + d);
      }),
      { numRuns: 2000 },
    );
  });

  it("are those of a circle", () => {
    const out = new Float64Array(2);
    fc.assert(
      fc.property(fraction, (u) => {
        cosineAndSine(u, out);
        // Three roundings of numbers up to 1.
        expect(Math.abs(Math.hypot(out[0]!, out[1]!) - 1)).toBeLessThan(4e-16);
      }),
    );
  });
});
