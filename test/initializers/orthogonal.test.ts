import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyOf } from "../../src/core/random.js";
import { delta, deltaOrthogonal, orthogonal } from "../../src/initializers/index.js";

const key = keyOf(31);
// Rounding of sums of a few dozen products.
const exact = 1e-12;

/** Largest entry of |A'A - s I| or |AA' - s I|, whichever side is smaller. */
function defect(a: ArrayLike<number>, rows: number, cols: number, s: number): number {
  const [short, long] = [Math.min(rows, cols), Math.max(rows, cols)];
  const at = (i: number, k: number) => (rows >= cols ? a[k * cols + i]! : a[i * cols + k]!);
  let worst = 0;
  for (let i = 0; i < short; i++) {
    for (let j = 0; j < short; j++) {
      let dot = 0;
      for (let k = 0; k < long; k++) dot += at(i, k) * at(j, k);
      worst = Math.max(worst, Math.abs(dot - (i === j ? s : 0)));
    }
  }
  return worst;
}

const size = fc.integer({ min: 1, max: 9 });
const taps = fc.integer({ min: 1, max: 5 });

describe("orthogonal", () => {
  it("is gain times a semi-orthogonal matrix of the flattened kernel", () => {
    fc.assert(
      fc.property(taps, taps, size, size, (height, width, inputs, outputs) => {
        const kernel = orthogonal({ gain: 1.3 }).sample([height, width, inputs, outputs], key);
        expect(defect(kernel, height * width * inputs, outputs, 1.69)).toBeLessThan(exact);
      }),
    );
  });

  it("refuses vectors", () => {
    expect(() => orthogonal().sample([4], key)).toThrow(RangeError);
  });
});

describe("deltaOrthogonal", () => {
  it("is semi-orthogonal at tap floor(size/2) and zero at every other", () => {
    fc.assert(
      fc.property(taps, taps, size, size, (height, width, inputs, outputs) => {
        const kernel = deltaOrthogonal({ gain: 0.6 }).sample([height, width, inputs, outputs], key);
        const matrix = inputs * outputs;
        const at = (Math.floor(height / 2) * width + Math.floor(width / 2)) * matrix;
        const centre = kernel.slice(at, at + matrix);
        expect(defect(centre, inputs, outputs, 0.36)).toBeLessThan(exact);
        const total = kernel.reduce((sum, x) => sum + Math.abs(x), 0);
        expect(total).toBe(centre.reduce((sum, x) => sum + Math.abs(x), 0));
      }),
    );
  });

  it("is orthogonal for a dense matrix", () => {
    expect(defect(deltaOrthogonal().sample([7, 7], key), 7, 7, 1)).toBeLessThan(exact);
  });
});

describe("delta", () => {
  const places = (values: Float64Array) =>
    [...values.entries()].filter(([, x]) => x !== 0).map(([at, x]) => [at, x]);

  it("is the identity at the centre of a 3x3 kernel", () => {
    // Centre tap 4 of 9, two inputs, three outputs: (0, 0) and (1, 1).
    expect(places(delta().sample([3, 3, 2, 3], key))).toEqual([
      [24, 1],
      [28, 1],
    ]);
  });

  it("drops inputs where there are fewer outputs", () => {
    expect(places(delta({ gain: 0.6 }).sample([1, 1, 3, 2], key))).toEqual([
      [0, 0.6],
      [3, 0.6],
    ]);
  });

  it("takes tap size/2 of an even size, as PyTorch's dirac_", () => {
    // Tap (1, 2) of 2x4 is tap 6.
    expect(places(delta().sample([2, 4, 1, 1], key))).toEqual([[6, 1]]);
  });
});
