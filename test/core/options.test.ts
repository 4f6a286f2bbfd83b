import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../../src/core/errors.js";
import { expandGrid, formatOptions, parseEntry, parseValue } from "../../src/core/options.js";

describe("parseEntry", () => {
  it("reads a name alone", () => {
    expect(parseEntry("isonet")).toEqual({ name: "isonet", options: {} });
  });

  it("reads numbers, booleans, words, quoted texts and lists", () => {
    const text =
      'risotto:depth=18,rate=1e-3,low=-.5,bn=true,type=c,note="a, \\"b\\" [c]",init=[x,2]';
    expect(parseEntry(text)).toEqual({
      name: "risotto",
      options: {
        depth: 18,
        rate: 0.001,
        low: -0.5,
        bn: true,
        type: "c",
        note: 'a, "b" [c]',
        init: ["x", 2],
      },
    });
  });

  it("allows spaces around symbols", () => {
    expect(parseEntry(" a : b = 3 , c = [ 1 , d ] ")).toEqual({
      name: "a",
      options: { b: 3, c: [1, "d"] },
    });
  });

  it("keeps numbers within quotes as texts", () => {
    expect(parseEntry('a:b="18",c="true"').options).toEqual({ b: "18", c: "true" });
  });

  it.each([
    ["", "no name at character 1"],
    [":depth=3", "no name at character 1"],
    ["a:", "no option name at character 3"],
    ["a:b=1,", "no option name at character 7"],
    ["a:b", 'option "b" without "=" at character 4'],
    ["a:b=", 'no value for "b" at character 5'],
    ["a:b=,c=1", 'no value for "b" at character 5'],
    ["a:b=[]", 'no value for "b" at character 6'],
    ["a:b=[1,]", 'no value for "b" at character 8'],
    ["a:b=[1,[2]]", 'a list within the list "b" at character 8'],
    ["a:b=[1,2", "a bracket that does not close at character 5"],
    ["a:b=1]", "unexpected ] at character 6"],
    ["a:b=1=2", "unexpected = at character 6"],
    ["a:b=1,b=2", 'option "b" a second time at character 7'],
    ['a:b="x', "a quote that does not close at character 5"],
    ['a:b="\\q"', "a text with an escape that JSON does not have at character 5"],
    ['a:b="x"y', "unexpected y at character 8"],
    ["a:3=1", 'option name "3" at character 3'],
    ["a:__proto__=1", 'option name "__proto__" at character 3'],
    ["a:constructor=1", 'option name "constructor" at character 3'],
    ["a:prototype=1", 'option name "prototype" at character 3'],
    ["a:b=9007199254740992", "which float64 does not hold (integers to 2^53-1), at character 5"],
    ["a:b=1e999", "number 1e999"],
  ])("refuses %j: %s", (text, message) => {
    expect(() => parseEntry(text)).toThrow(UserError);
    expect(() => parseEntry(text)).toThrow(message);
    expect(() => parseEntry(text)).toThrow("as in convshort:depth=18");
  });

  it("takes the largest safe integer", () => {
    expect(parseEntry("a:b=9007199254740991").options).toEqual({ b: 2 ** 53 - 1 });
  });
});

describe("parseValue", () => {
  it("reads one value of any kind", () => {
    expect(parseValue("0.6")).toBe(0.6);
    expect(parseValue("false")).toBe(false);
    expect(parseValue('"18"')).toBe("18");
    expect(parseValue("[18,34]")).toEqual([18, 34]);
  });

  it("keeps a path as it is", () => {
    expect(parseValue("data/a b=[1],c")).toBe("data/a b=[1],c");
  });

  it.each(["", "[1", '"a', "9007199254740993", '"a"b'])("refuses %j", (text) => {
    expect(() => parseValue(text)).toThrow(UserError);
  });
});

describe("expandGrid", () => {
  it("is one point without lists, also without options", () => {
    expect(expandGrid({})).toEqual([{}]);
    expect(expandGrid({ a: 3, b: "x" })).toEqual([{ a: 3, b: "x" }]);
  });

  it("changes the first key slowest", () => {
    expect(expandGrid({ a: [1, 2], b: "x", c: [true, false] })).toEqual([
      { a: 1, b: "x", c: true },
      { a: 1, b: "x", c: false },
      { a: 2, b: "x", c: true },
      { a: 2, b: "x", c: false },
    ]);
  });
});

const key = fc
  .stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,8}$/)
  .filter((k) => k !== "constructor" && k !== "prototype");
const scalar = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.constantFrom("true", "18", "1e3", "a b", "", "-", '"', "[x]"),
);
const grid = fc.dictionary(
  key,
  fc.oneof(scalar, fc.array(scalar, { minLength: 1, maxLength: 3 })),
  {
    maxKeys: 5,
  },
);

describe("formatOptions", () => {
  it("writes options as they are typed", () => {
    expect(formatOptions({ depth: 50, init: "brock", s: [0.5, true] })).toBe(
      "depth=50,init=brock,s=[0.5,true]",
    );
  });

  it("is undone by parseEntry", () => {
    fc.assert(
      fc.property(grid, (options) => {
        const text = formatOptions(options);
        const read = parseEntry(text === "" ? "net" : `net:${text}`);
        expect(read).toEqual({ name: "net", options: { ...options } });
        expect(Object.keys(read.options)).toEqual(Object.keys(options));
      }),
      { numRuns: 500 },
    );
  });

  it("throws nothing but UserError whatever is read", () => {
    const pieces = fc.constantFrom(
      "a",
      ":",
      "=",
      ",",
      "[",
      "]",
      '"',
      "\\",
      " ",
      "1",
      "e",
      "-",
      ".",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 14 }), (parts) => {
        try {
          parseEntry(parts.join(""));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(UserError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
