import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeNumber, encodeNumber, toJson } from "../../src/core/json.js";

describe("json", () => {
  it("carries every number through text and back", () => {
    fc.assert(
      fc.property(fc.double(), (x) => {
        const back = decodeNumber(JSON.parse(toJson(x)));
        // JSON has no negative zero.
        expect(back).toBe(x === 0 ? 0 : x);
      }),
    );
  });

  it("names the numbers that JSON lacks, however deep", () => {
    const value = { a: [Number.POSITIVE_INFINITY, { b: Number.NaN }], c: Number.NEGATIVE_INFINITY };
    expect(toJson(value)).toBe('{"a":["Infinity",{"b":"NaN"}],"c":"-Infinity"}');
  });

  it("keeps finite numbers and the order of keys", () => {
    expect(encodeNumber(-0.6)).toBe(-0.6);
    expect(toJson({ z: 1.3, a: null }, 1)).toBe('{\n "z": 1.3,\n "a": null\n}');
  });

  it.each([null, "1", "inf", undefined, {}])("decodes %j, which is no number, to NaN", (x) => {
    expect(decodeNumber(x)).toBeNaN();
  });
});
