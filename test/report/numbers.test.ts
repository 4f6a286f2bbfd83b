import { expect, test } from "vitest";
import { formatCell, formatEstimate, formatNumber } from "../../src/report/numbers.js";

test.each([
  [0.6, "0.6"],
  [1.30049, "1.3"],
  [-12.3456, "-12.35"],
  [0, "0"],
  [54, "54"],
  [1.3e-7, "1.30e-7"],
  [6.02e23, "6.02e23"],
  [Number.POSITIVE_INFINITY, "infinite"],
  [Number.NEGATIVE_INFINITY, "-infinite"],
  [Number.NaN, "not a number"],
])("the number %s is shown as %s", (x, text) => {
  expect(formatNumber(x)).toBe(text);
});

test("an estimate carries its standard error where it is known", () => {
  expect(formatEstimate(0.98, 0.004)).toBe("0.98 ± 0.004");
  expect(formatEstimate(0.98, null)).toBe("0.98");
});

test("a cell is empty for null and names other values", () => {
  expect([null, undefined, true, "x", 1.3, { a: 0.6 }].map(formatCell)).toEqual([
    "",
    "",
    "true",
    "x",
    "1.3",
    '{"a":0.6}',
  ]);
});
