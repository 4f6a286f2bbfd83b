import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Body, Code } from "../../../src/core/wasm/assembler.js";
import { f64x2, i32, i32x4, i64x2, moduleOf, v128 } from "../../../src/core/wasm/assembler.js";

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Record<string, unknown> };
};

/** The memory after a function of one i32 and one float64 ran, and its result. */
function run(write: (body: Body) => Code, n = 0, x = 0): { result: number; memory: DataView } {
  const bytes = moduleOf([{ name: "main", parameters: ["i32", "f64"], write }]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const main = exports["main"] as (n: number, x: number) => number;
  const { buffer } = exports["memory"] as { buffer: ArrayBuffer };
  return { result: main(n, x), memory: new DataView(buffer) };
}

const stored = (value: Code): DataView =>
  run(({ store }) => {
    store(i32.constant(0), 0, value);
    return i32.constant(0);
  }).memory;

const words = (view: DataView): number[] => [0, 4, 8, 12].map((at) => view.getUint32(at, true));
const floats = (view: DataView): number[] => [view.getFloat64(0, true), view.getFloat64(8, true)];

describe("the assembler", () => {
  it("writes every 32-bit constant", () => {
    fc.assert(
      fc.property(fc.integer(), (n) => {
        expect(run(() => i32.constant(n)).result).toBe(n);
      }),
    );
    for (const n of [-65, -64, 63, 64, 127, 128, -8192, 8191, 8192, 2 ** 31 - 1, -(2 ** 31)])
      expect(run(() => i32.constant(n)).result).toBe(n);
  });

  it("writes constants of vectors", () => {
    expect(words(stored(i32x4.constant(1, -2, 3, 0xd2511f53)))).toEqual([
      1, 0xfffffffe, 3, 0xd2511f53,
    ]);
    expect(floats(stored(f64x2.constant(-0.6)))).toEqual([-0.6, -0.6]);
    expect(words(stored(i64x2.constant(-1n << 52n)))).toEqual([0, 0xfff00000, 0, 0xfff00000]);
  });

  it("computes with the operands in their order", () => {
    const [a, b] = [f64x2.constant(1.3), f64x2.constant(0.6)];
    expect(floats(stored(f64x2.sub(a, b)))[0]).toBe(1.3 - 0.6);
    expect(floats(stored(f64x2.div(a, b)))[0]).toBe(1.3 / 0.6);
    expect(floats(stored(f64x2.min(a, b)))[0]).toBe(0.6);
    expect(floats(stored(f64x2.max(a, b)))[0]).toBe(1.3);
    expect(floats(stored(f64x2.sqrt(a)))[0]).toBe(Math.sqrt(1.3));
    const bits = (n: number) => i32x4.constant(n, n, n, n);
    expect(words(stored(v128.andNot(bits(0b1100), bits(0b1010))))[0]).toBe(0b0100);
    for (const [compare, expected] of [
      [f64x2.lt, 0],
      [f64x2.ge, 0xffffffff],
    ] as const)
      expect(words(stored(compare(a, b)))[0]).toBe(expected);
  });

  it("picks lanes and multiplies them to 64 bits", () => {
    const [a, b] = [i32x4.constant(0, 1, 2, 3), i32x4.constant(4, 5, 6, 7)];
    expect(words(stored(v128.shuffle(a, b, [6, 1, 4, 3])))).toEqual([6, 1, 4, 3]);
    const factor = i32x4.constant(-1, -1, -1, -1);
    expect(words(stored(i64x2.multiplyLow(a, factor)))).toEqual([0, 0, 0xffffffff, 0]);
    expect(words(stored(i64x2.multiplyHigh(a, factor)))).toEqual([0xfffffffe, 1, 0xfffffffd, 2]);
  });

  it("repeats while the result is not zero, and stores behind an address", () => {
    const { result, memory } = run(
      ({ parameter, variable, store, repeat, keep }) => {
        const x = keep(f64x2.splat(parameter(1)));
        const sum = variable("v128", f64x2.constant(0));
        const count = variable("i32", i32.constant(0));
        repeat(() => {
          sum.set(f64x2.add(sum.get, x));
          store(i32.shl(count.get, i32.constant(4)), 400, sum.get);
          count.set(i32.add(count.get, i32.constant(1)));
          return i32.ltU(count.get, parameter(0));
        });
        return count.get;
      },
      3,
      0.25,
    );
    expect(result).toBe(3);
    expect([400, 416, 432, 448].map((at) => memory.getFloat64(at, true))).toEqual([
      0.25, 0.5, 0.75, 0,
    ]);
  });

  it("keeps more vectors than one byte numbers", () => {
    const { memory } = run(({ keep, store }) => {
      const kept = Array.from({ length: 300 }, (_, i) => keep(i32x4.constant(i, i, i, i)));
      store(
        i32.constant(0),
        0,
        kept.reduce((a, b) => i32x4.add(a, b)),
      );
      return i32.constant(0);
    });
    expect(memory.getUint32(0, true)).toBe((299 * 300) / 2);
  });
});
