import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Draws } from "../../src/core/draws.js";
import { plainDraws } from "../../src/core/draws.js";
import { wasmDraws } from "../../src/core/wasm/draws.js";

const word = fc.integer({ min: 0, max: 0xffffffff });
const keys = fc.record({ high: word, low: word });
const deviations = fc.double({ noNaN: true, noDefaultInfinity: true });
const lengths = fc.integer({ min: 0, max: 5000 });
const blocks = fc.integer({ min: 0, max: 0xffffffff - 2500 });

/** The bits of what a way of drawing writes. */
function bitsOf(n: number, write: (out: Float64Array) => void): BigInt64Array {
  const out = new Float64Array(n);
  write(out);
  return new BigInt64Array(out.buffer);
}

const compiled = wasmDraws()!;
const both = (n: number, write: (draws: Draws, out: Float64Array) => void): void => {
  const [plain, wasm] = [plainDraws, compiled].map((draws) =>
    bitsOf(n, (out) => write(draws, out)),
  ) as [BigInt64Array, BigInt64Array];
  // One comparison: telling a hundred thousand numbers apart one by one takes minutes.
  expect(plain.findIndex((bits, i) => bits !== wasm[i])).toBe(-1);
};

function noRoom(): never {
  throw new RangeError("Out of memory: Cannot allocate Wasm memory for new instance");
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe("draws by WebAssembly", () => {
  it("are the plain ones bit for bit, of every key, place, number and deviation", () => {
    fc.assert(
      fc.property(keys, blocks, lengths, deviations, (key, first, n, deviation) =>
        both(n, (draws, out) => draws.normals(out, key, first, deviation)),
      ),
    );
  });

  it("are the plain ones between any bounds", () => {
    const bound = fc.double({ noNaN: true, min: -1e300, max: 1e300 });
    fc.assert(
      fc.property(keys, blocks, lengths, bound, bound, (key, first, n, low, high) =>
        both(n, (draws, out) => draws.uniforms(out, key, first, low, high)),
      ),
    );
  });

  // The kernel leaves two numbers in 35,000 pairs: here some 17 times.
  it("are the plain ones where the kernel leaves numbers to them", () => {
    const key = { high: 0x299f31d0, low: 0xa4093822 };
    both(1_200_001, (draws, out) => draws.normals(out, key, 0, 1.3));
  });

  it("are left out where there is no WebAssembly, or one without vectors or room", () => {
    vi.stubGlobal("WebAssembly", undefined);
    expect(wasmDraws()).toBeUndefined();
    vi.stubGlobal("WebAssembly", { validate: () => false });
    expect(wasmDraws()).toBeUndefined();
    vi.stubGlobal("WebAssembly", { validate: () => true, Module: Object, Instance: noRoom });
    expect(wasmDraws()).toBeUndefined();
  });

  it("give way to plain ones without a change of the numbers", async () => {
    const key = { high: 3, low: 6 };
    const { normal, uniform } = await import("../../src/core/random.js");
    const before = [normal(key, 20_000), uniform(key, 20_000, -0.6, 1.3)];
    vi.resetModules();
    vi.stubGlobal("WebAssembly", undefined);
    const without = await import("../../src/core/random.js");
    expect([without.normal(key, 20_000), without.uniform(key, 20_000, -0.6, 1.3)]).toEqual(before);
  });
});
