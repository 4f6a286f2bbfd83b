import fc from "fast-check";
import { expect, test } from "vitest";
import { textWidth } from "../../src/report/text-width.js";

test("the width of a text is the sum of its parts and grows with the size of the letters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
      const sum = textWidth(a, 13, false) + textWidth(b, 13, false);
      expect(textWidth(a + b, 13, false)).toBeCloseTo(sum, 8);
      expect(textWidth(a, 26, true)).toBeCloseTo(2 * textWidth(a, 13, true), 8);
    }),
  );
});

test("an m of DejaVu Sans is 1995 units of 2048 wide", () => {
  expect(textWidth("m", 2048, false)).toBe(1995);
});
