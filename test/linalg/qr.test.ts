import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fold, keyOf, normal } from "../../src/core/random.js";
import { haar, qr } from "../../src/linalg/qr.js";

/** Largest entry of |A'A - I| for a row-major matrix. */
function columnDefect(a: Float64Array, rows: number, cols: number): number {
  let worst = 0;
  for (let i = 0; i < cols; i++) {
    for (let j = i; j < cols; j++) {
      let dot = 0;
      for (let k = 0; k < rows; k++) dot += a[k * cols + i]! * a[k * cols + j]!;
      worst = Math.max(worst, Math.abs(dot - (i === j ? 1 : 0)));
    }
  }
  return worst;
}

function transposed(a: Float64Array, rows: number, cols: number): Float64Array {
  return a.map((_, at) => a[(at % rows) * cols + Math.floor(at / rows)]!);
}

const defect = (a: Float64Array, rows: number, cols: number): number =>
  rows >= cols ? columnDefect(a, rows, cols) : columnDefect(transposed(a, rows, cols), cols, rows);

/** Largest entry of |QR - A|. */
function residual(a: Float64Array, rows: number, cols: number): number {
  const { q, r } = qr(a, rows, cols);
  let worst = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      let sum = 0;
      for (let k = 0; k <= j; k++) sum += q[i * cols + k]! * r[k * cols + j]!;
      worst = Math.max(worst, Math.abs(sum - a[i * cols + j]!));
    }
  }
  return worst;
}

const key = keyOf(11);
// Rounding grows like sqrt(n) times 2^-53: 1e-12 leaves two orders of magnitude at these sizes.
const exact = 1e-12;

describe("qr", () => {
  it.each([
    [1, 1],
    [6, 1],
    [5, 5],
    [7, 4],
    [40, 23],
    [130, 130],
  ])("factors a Gaussian %i x %i matrix", (rows, cols) => {
    const a = normal(key, rows * cols);
    const { q, r } = qr(a, rows, cols);
    expect(columnDefect(q, rows, cols)).toBeLessThan(exact);
    expect(residual(a, rows, cols)).toBeLessThan(exact);
    for (let i = 0; i < cols; i++) for (let j = 0; j < i; j++) expect(r[i * cols + j]).toBe(0);
  });

  it("keeps the determinant's size on a matrix with a known one", () => {
    const { r } = qr(Float64Array.of(0.6, 1.3, -2, 0.5), 2, 2);
    expect(Math.abs(r[0]! * r[3]!)).toBeCloseTo(2.9, 12);
  });

  it("survives rank deficiency and entries near the ends of the range", () => {
    const deficient = Float64Array.of(1, 2, 0, 2, 4, 0, 3, 6, 0);
    expect(columnDefect(qr(deficient, 3, 3).q, 3, 3)).toBeLessThan(exact);
    expect(residual(deficient, 3, 3)).toBeLessThan(exact);
    const huge = normal(key, 12).map((x) => x * 1e300);
    const tiny = normal(key, 12).map((x) => x * 1e-300);
    expect(columnDefect(qr(huge, 4, 3).q, 4, 3)).toBeLessThan(exact);
    expect(columnDefect(qr(tiny, 4, 3).q, 4, 3)).toBeLessThan(exact);
  });

  it("does not touch its input", () => {
    const a = normal(key, 20);
    const before = Float64Array.from(a);
    qr(a, 5, 4);
    expect(a).toEqual(before);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("refuses %d as an entry", (bad) => {
    expect(() => qr(Float64Array.of(1, 2, bad, 4), 2, 2)).toThrow(RangeError);
  });

  it("refuses wide matrices and sizes that do not fit", () => {
    expect(() => qr(new Float64Array(6), 2, 3)).toThrow(RangeError);
    expect(() => qr(new Float64Array(5), 3, 2)).toThrow(RangeError);
    expect(() => qr(new Float64Array(0), 0, 0)).toThrow(RangeError);
  });
});

describe("haar", () => {
  it("is semi-orthogonal for every shape", () => {
    const size = fc.integer({ min: 1, max: 24 });
    fc.assert(
      fc.property(size, size, fc.nat(), (rows, cols, seed) => {
        expect(defect(haar(rows, cols, keyOf(seed)), rows, cols)).toBeLessThan(exact);
      }),
    );
  });

  it("keeps the defect at 300 columns", () => {
    expect(defect(haar(301, 300, key), 301, 300)).toBeLessThan(exact);
  });

  it("gives equal values for equal keys and others for others", () => {
    expect(haar(5, 3, key)).toEqual(haar(5, 3, keyOf(11)));
    expect(haar(5, 3, key)).not.toEqual(haar(5, 3, keyOf(12)));
  });

  it("has the mixed moments of Haar measure, which a missing sign correction breaks", () => {
    const draws = 20_000;
    const sums = { trace: 0, first: 0, fourth: 0, diagonal: 0 };
    for (let i = 0; i < draws; i++) {
      const q = haar(3, 3, fold(key, `draw ${i}`));
      sums.trace += q[0]! + q[4]! + q[8]!;
      sums.first += q[0]!;
      sums.fourth += q[0]! ** 4;
      sums.diagonal += q[0]! * q[4]! * q[8]!;
    }
    const five = 5 / Math.sqrt(draws);
    // On O(n): E tr = 0, Var tr = 1, E q11 = 0, Var q11 = 1/3, E q11^4 = 3/(n(n+2)) = 1/5, Var < E
    // q11^8 = 1/9.
    expect(Math.abs(sums.trace / draws)).toBeLessThan(five);
    expect(Math.abs(sums.first / draws)).toBeLessThan(five * Math.sqrt(1 / 3));
    expect(Math.abs(sums.fourth / draws - 1 / 5)).toBeLessThan(five / 3);
    // Flipping one column keeps Haar measure, hence an odd product has mean 0.
    expect(Math.abs(sums.diagonal / draws)).toBeLessThan(five);
  });

  it("is the Q of a Gaussian matrix with positive diagonal of R, in distribution", () => {
    const draws = 4000;
    let [direct, factored] = [0, 0];
    for (let i = 0; i < draws; i++) {
      const stream = fold(key, `pair ${i}`);
      const h = haar(4, 2, fold(stream, "direct"));
      const { q, r } = qr(normal(fold(stream, "gaussian"), 8), 4, 2);
      direct += (h[0]! * h[3]!) ** 2 + h[0]!;
      factored +=
        (q[0]! * Math.sign(r[0]!) * q[3]! * Math.sign(r[3]!)) ** 2 + q[0]! * Math.sign(r[0]!);
    }
    // Each term has variance under 1/2; five standard errors of the difference of two means.
    expect(Math.abs(direct - factored) / draws).toBeLessThan(5 / Math.sqrt(draws));
  });

  it("refuses empty and broken sizes", () => {
    expect(() => haar(0, 3, key)).toThrow(RangeError);
    expect(() => haar(2.5, 3, key)).toThrow(RangeError);
  });
});
