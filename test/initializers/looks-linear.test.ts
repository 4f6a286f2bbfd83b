import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyOf, normal } from "../../src/core/random.js";
import { deltaOrthogonal, heFanIn, looksLinear } from "../../src/initializers/index.js";
import { rectified, times } from "./matrix.js";

const key = keyOf(41);
const even = fc.integer({ min: 1, max: 8 }).map((half) => 2 * half);

describe("looksLinear", () => {
  it("holds [[U, -U], [-U, U]] at every tap", () => {
    const [inputs, outputs] = [4, 6];
    const kernel = looksLinear(heFanIn()).sample([3, 3, inputs, outputs], key);
    const base = heFanIn().sample([3, 3, 2, 3], key);
    const entry = (tap: number, i: number, o: number) => kernel[(tap * inputs + i) * outputs + o]!;
    for (let tap = 0; tap < 9; tap++) {
      for (let i = 0; i < 2; i++) {
        for (let o = 0; o < 3; o++) {
          const u = base[(tap * 2 + i) * 3 + o]!;
          expect(entry(tap, i, o)).toBe(u);
          expect(entry(tap, i, o + 3)).toBe(-u);
          expect(entry(tap, i + 2, o)).toBe(-u);
          expect(entry(tap, i + 2, o + 3)).toBe(u);
        }
      }
    }
  });

  it("holds [U; -U] in a first layer, doubling the outputs", () => {
    const kernel = looksLinear(heFanIn(), { first: true }).sample([1, 1, 3, 4], key);
    const base = heFanIn().sample([1, 1, 3, 2], key);
    for (let i = 0; i < 3; i++)
      for (let o = 0; o < 2; o++) {
        expect(kernel[i * 4 + o]).toBe(base[i * 2 + o]);
        expect(kernel[i * 4 + o + 2]).toBe(-base[i * 2 + o]!);
      }
  });

  it("leaves the last channel of an odd width zero", () => {
    const kernel = looksLinear(deltaOrthogonal()).sample([1, 1, 5, 7], key);
    for (let o = 0; o < 7; o++) expect(kernel[4 * 7 + o]).toBe(0);
    for (let i = 0; i < 5; i++) expect(kernel[i * 7 + 6]).toBe(0);
    expect(kernel.filter((x) => x !== 0).length).toBe(4 * 2 * 3);
  });

  it("is all zero where half a width is nothing", () => {
    expect(
      looksLinear(deltaOrthogonal())
        .sample([3, 3, 1, 4], key)
        .every((x) => x === 0),
    ).toBe(true);
  });

  it("makes ReLU layers linear: halves stay mirrored and their difference is U applied", () => {
    fc.assert(
      fc.property(even, even, fc.nat(), (inputs, outputs, seed) => {
        const z = [...normal(keyOf(seed), inputs / 2)];
        const x = [...rectified(z), ...rectified(z.map((v) => -v))];
        const y = times(x, looksLinear(deltaOrthogonal()).sample([inputs, outputs], key));
        const u = times(z, deltaOrthogonal().sample([inputs / 2, outputs / 2], key));
        const half = outputs / 2;
        u.forEach((value, o) => {
          // Sums of eight products in another order.
          expect(y[o]).toBeCloseTo(value, 12);
          expect(y[o + half]).toBeCloseTo(-value, 12);
        });
      }),
    );
  });
});
