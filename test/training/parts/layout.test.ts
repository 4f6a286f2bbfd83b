import fc from "fast-check";
import { expect, test } from "vitest";
import { sizeOf } from "../../../src/core/shape.js";
import { fromPytorch, pytorchShape, toPytorch } from "../../../src/training/parts/layout.js";

const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 });

test("Back from PyTorch's layout comes what went there, for every rank", () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => 0.6 * i - 1.3);
      expect(fromPytorch(toPytorch(values, shape), shape)).toEqual(values);
    }),
    { numRuns: 300, seed: 13 },
  );
});

test("A kernel [kh, kw, in, out] becomes [out, in, kh, kw], entry by entry", () => {
  const [kh, kw, cin, cout] = [2, 3, 4, 5];
  const shape = [kh, kw, cin, cout];
  const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => i);
  const moved = toPytorch(values, shape);
  expect(pytorchShape(shape)).toEqual([cout, cin, kh, kw]);
  for (const [y, x, i, o] of [
    [0, 0, 0, 1],
    [1, 0, 2, 0],
    [0, 2, 3, 4],
    [1, 2, 1, 3],
  ] as const) {
    const ours = ((y * kw + x) * cin + i) * cout + o;
    const theirs = ((o * cin + i) * kh + y) * kw + x;
    expect(moved[theirs]).toBe(ours);
  }
});

test("A matrix [in, out] is transposed; vectors and scalars stay", () => {
  expect([...toPytorch(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3])]).toEqual([1, 4, 2, 5, 3, 6]);
  expect(pytorchShape([2, 3])).toEqual([3, 2]);
  expect([...toPytorch(Float32Array.of(3, 1, 2), [3])]).toEqual([3, 1, 2]);
  expect([...toPytorch(Float32Array.of(0.5), [])]).toEqual([0.5]);
});
