import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../../src/core/errors.js";
import { keyOf } from "../../src/core/random.js";
import {
  constant,
  delta,
  empiricallyStandardised,
  heFanIn,
  heFanOut,
  scaled,
  zero,
} from "../../src/initializers/index.js";

const key = keyOf(21);

describe("empiricallyStandardised", () => {
  it("has sample mean 0 and exactly the variance of its base, whatever the shape", () => {
    const initializer = empiricallyStandardised(heFanOut());
    const size = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(
        size,
        size,
        fc.integer({ min: 2, max: 9 }),
        fc.nat(),
        (k, inputs, outputs, seed) => {
          const values = initializer.sample([k, k, inputs, outputs], keyOf(seed));
          const n = values.length;
          const mean = values.reduce((sum, x) => sum + x, 0) / n;
          const square = values.reduce((sum, x) => sum + x ** 2, 0) / n;
          const variance = 2 / (k * k * outputs);
          // Only the rounding of a few hundred additions is left.
          expect(Math.abs(mean)).toBeLessThan(1e-12);
          expect(Math.abs(square / variance - 1)).toBeLessThan(1e-12);
        },
      ),
    );
  });

  it("moves the base's values by one shift and one positive factor", () => {
    const base = heFanIn().sample([3, 3, 4, 5], key);
    const values = empiricallyStandardised(heFanIn()).sample([3, 3, 4, 5], key);
    const slope = (values[1]! - values[0]!) / (base[1]! - base[0]!);
    expect(slope).toBeGreaterThan(0);
    values.forEach((x, i) => {
      expect(x - values[0]!).toBeCloseTo(slope * (base[i]! - base[0]!), 12);
    });
  });

  it("keeps a scaled base's variance", () => {
    const values = empiricallyStandardised(scaled(heFanIn(), 1.3)).sample([8, 4], key);
    const square = values.reduce((sum, x) => sum + x ** 2, 0) / 32;
    expect(square).toBeCloseTo((1.69 * 2) / 8, 12);
  });

  it("refuses bases without a variance and tensors of one value", () => {
    expect(() => empiricallyStandardised(delta())).toThrow(UserError);
    expect(() => empiricallyStandardised(heFanIn()).sample([1, 1, 1, 1], key)).toThrow(
      'initializer "standardised(he-fan-in)": the entries of a 1x1x1x1 tensor are all equal',
    );
  });
});

describe("scaled", () => {
  it("multiplies every value and leaves fixed bases without a variance", () => {
    const values = scaled(heFanIn(), -0.6).sample([4, 3], key);
    const base = heFanIn().sample([4, 3], key);
    expect(values).toEqual(base.map((x) => -0.6 * x));
    expect(scaled(delta(), 2).variance).toBeUndefined();
  });
});

describe("fixed values", () => {
  it("are zero or the constant everywhere", () => {
    expect(zero().sample([2, 3], key)).toEqual(new Float64Array(6));
    expect(constant(-1.3).sample([3], key)).toEqual(Float64Array.of(-1.3, -1.3, -1.3));
    expect(constant(0.6).sample([], key)).toEqual(Float64Array.of(0.6));
  });
});
