import { describe, expect, it } from "vitest";
import { UserError } from "../../src/core/errors.js";
import { optionNames, parseOptions, z } from "../../src/core/schema.js";

const schema = z.strictObject({
  depth: z.int().min(8).default(18),
  init: z.enum(["brock", "he-fan-out"]).default("brock"),
  stem: z.strictObject({ size: z.int() }).optional(),
});

const parse = (raw: unknown) => parseOptions(schema, raw, "convshort");

describe("parseOptions", () => {
  it("fills in defaults and keeps what was given", () => {
    expect(parse({ depth: 34 })).toEqual({ depth: 34, init: "brock" });
  });

  it.each([
    [
      { detph: 3 },
      'convshort: unknown option "detph" (did you mean "depth"?); allowed: depth, init, stem',
    ],
    [{ zzz: 3 }, 'convshort: unknown option "zzz"; allowed: depth, init, stem'],
    [
      { init: "broc" },
      'convshort: option "init" is "broc" (did you mean "brock"?); allowed: brock, he-fan-out',
    ],
    [{ init: 3 }, 'convshort: option "init" is 3; allowed: brock, he-fan-out'],
  ])("says in one line what came and what is allowed: %j", (raw, message) => {
    expect(() => parse(raw)).toThrow(new UserError(message));
  });

  it.each([
    [{ depth: "deep" }, 'convshort: option "depth" is "deep": '],
    [{ depth: 3 }, 'convshort: option "depth" is 3: '],
    [{ depth: 18.5 }, 'convshort: option "depth" is 18.5: '],
    [{ stem: { size: "x" } }, 'convshort: option "stem.size" is "x": '],
    [{ stem: {} }, 'convshort: option "stem.size" is missing'],
  ])("names the option and the value of %j", (raw, start) => {
    expect(() => parse(raw)).toThrow(UserError);
    expect(() => parse(raw)).toThrow(start);
    expect(() => parse(raw)).not.toThrow("\n");
  });

  it("hands the path of the fault to a function that knows the place", () => {
    const where = (path: readonly PropertyKey[]) => `file.yaml at ${path.map(String).join("/")}`;
    expect(() => parseOptions(schema, { stem: { size: 1.5 } }, where)).toThrow(
      "file.yaml at stem/size: ",
    );
    expect(() => parseOptions(schema, { detph: 3 }, where)).toThrow("file.yaml at detph: ");
  });

  it("lists a schema's options in order", () => {
    expect(optionNames(schema)).toEqual(["depth", "init", "stem"]);
    expect(optionNames(z.string())).toEqual([]);
  });
});
