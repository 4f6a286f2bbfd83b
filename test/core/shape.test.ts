import { describe, expect, it } from "vitest";
import { fans, formatShape, sizeOf } from "../../src/core/shape.js";

describe("shape", () => {
  it("counts elements, one for a scalar", () => {
    expect(sizeOf([3, 4, 5])).toBe(60);
    expect(sizeOf([])).toBe(1);
    expect(sizeOf([3, 0])).toBe(0);
  });

  it("prints sizes with crosses", () => {
    expect(formatShape([32, 32, 3])).toBe("32x32x3");
    expect(formatShape([])).toBe("scalar");
  });

  it("counts fans of kernels, matrices and vectors", () => {
    expect(fans([3, 5, 7, 11])).toEqual({ fanIn: 105, fanOut: 165 });
    expect(fans([7, 11])).toEqual({ fanIn: 7, fanOut: 11 });
    expect(fans([11])).toEqual({ fanIn: 1, fanOut: 11 });
  });
});
