import { describe, expect, it } from "vitest";
import { compare, relativeDifference } from "../../bench/agreement.js";

const entry = (name: string, ...values: number[]) => ({
  name,
  shape: [values.length],
  values: Float32Array.from(values),
});

describe("the relative difference", () => {
  it("is that of the Euclidean norms", () => {
    expect(relativeDifference([3.3, 4.4], [3, 4])).toBeCloseTo(0.1, 12);
    expect(relativeDifference([0, 0], [0, 0])).toBe(0);
  });

  it("is Infinity where one side is not finite or the peer is zero", () => {
    expect(relativeDifference([Number.NaN], [2])).toBe(Number.POSITIVE_INFINITY);
    expect(relativeDifference([2], [Number.NaN])).toBe(Number.POSITIVE_INFINITY);
    expect(relativeDifference([2], [0])).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("comparing both sides", () => {
  it("names the array that differs most", () => {
    const ours = [entry("a", 2, 2), entry("b", 5.5), entry("c", 1)];
    const peers = [entry("c", 1), entry("b", 5), entry("a", 2, 2.01)];
    const { name, difference } = compare(ours, peers);
    expect(name).toBe("b");
    expect(difference).toBeCloseTo(0.1, 6);
  });

  it("refuses arrays that one side lacks, or has in another size", () => {
    expect(() => compare([entry("a", 1)], [entry("a", 1), entry("b", 1)])).toThrow(
      /ours has no "b"/,
    );
    expect(() => compare([entry("a", 1), entry("b", 1)], [entry("a", 1)])).toThrow(/no "b"/);
    expect(() => compare([entry("a", 1)], [entry("a", 1, 2)])).toThrow(
      /1 values in "a", PyTorch 2/,
    );
  });
});
