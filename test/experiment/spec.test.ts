import { describe, expect, it } from "vitest";
import { UserError } from "../../src/core/errors.js";
import { commandOf, quote } from "../../src/experiment/command.js";
import { parseSpec, readSpec, seedsOf, withValue } from "../../src/experiment/spec.js";
import { parseYaml } from "../../src/experiment/yaml.js";

const minimal = { architectures: ["isonet:depth=56"] };

describe("parseSpec", () => {
  it("fills in the bundled images, three seeds and the default backend", () => {
    const spec = parseSpec(minimal, "here");
    expect(spec).toMatchObject({ data: "cifar10-sample", batch: 64, seeds: 3, backend: "onnx" });
    expect(seedsOf(spec)).toEqual([0, 1, 2]);
  });

  it("keeps seeds that are named, and refuses one named twice", () => {
    expect(seedsOf(parseSpec({ ...minimal, seeds: [7, 3] }, "here"))).toEqual([7, 3]);
    expect(() => seedsOf(parseSpec({ ...minimal, seeds: [7, 3, 7] }, "here"))).toThrow(
      /7 is given twice/,
    );
  });

  it.each([
    [{ architectures: [] }, /architectures/],
    [{ ...minimal, batch: 0 }, /batch/],
    [{ ...minimal, batch: 2.5 }, /batch/],
    [{ ...minimal, seeds: -1 }, /seeds/],
    [{ ...minimal, bach: 3 }, /did you mean "batch"/],
    [{ ...minimal, backend: "gpu" }, /allowed: onnx, /],
  ])("refuses %j in one line", (raw, says) => {
    expect(() => parseSpec(raw, "here")).toThrow(UserError);
    expect(() => parseSpec(raw, "here")).toThrow(says);
  });
});

describe("readSpec", () => {
  it("names file, line and column of a wrong value", () => {
    const { raw, where } = readSpec("title: x\narchitectures: [isonet]\nbatch: many\n", "c.yaml");
    expect(() => parseSpec(raw, where)).toThrow(/^c\.yaml:3:8: option "batch" is "many"/);
  });

  it("names the line of an unknown key", () => {
    const { raw, where } = readSpec("architectures: [isonet]\nsed: 3\n", "c.yaml");
    expect(() => parseSpec(raw, where)).toThrow(/^c\.yaml:2:\d: unknown option "sed"/);
  });

  it.each(["", "3", "[a, b]", "just words"])("refuses %j, which is no mapping", (text) => {
    expect(() => readSpec(text, "c.yaml")).toThrow(/holds no mapping/);
  });
});

describe("parseYaml", () => {
  it.each([
    ["a: &x 1\nb: *x\n", /aliases/],
    ["__proto__: 1\n", /__proto__/],
    ["a: {constructor: 1}\n", /constructor/],
    ["seeds: [9007199254740993]\n", /beyond 2\^53/],
    ["a: 1\na: 2\n", /c\.yaml:2:1/],
    ["a: [1, 2\n", /c\.yaml:\d+:\d+/],
    ["a:\n\t- 1\n", /c\.yaml:\d+:\d+/],
    [`a: ${"x".repeat(300_000)}`, /256 KiB/],
    [`a: [${"1,".repeat(12_000)}1]`, /more than 10000 values/],
  ])("refuses hostile or broken text", (text, says) => {
    expect(() => parseYaml(text, "c.yaml")).toThrow(UserError);
    expect(() => parseYaml(text, "c.yaml")).toThrow(says);
  });
});

describe("withValue", () => {
  it("sets a value deep inside and leaves the given object alone", () => {
    const raw = { settings: { cotangent: "loss" }, batch: 8 };
    expect(withValue(raw, ["settings", "dropout"], true)).toEqual({
      settings: { cotangent: "loss", dropout: true },
      batch: 8,
    });
    expect(raw).toEqual({ settings: { cotangent: "loss" }, batch: 8 });
  });
});

describe("commandOf", () => {
  it("is the command line that does the same again", () => {
    const spec = parseSpec(
      {
        architectures: ["convshort:init=[ours,brock]", { name: "fixup", options: { depth: 20 } }],
        seeds: [5],
      },
      "here",
    );
    expect(commandOf(spec, false)).toBe(
      "isoscope spp 'convshort:init=[ours,brock]' fixup:depth=20 --data cifar10-sample --batch 64 --seeds 5,",
    );
  });

  it("quotes what a shell would take apart", () => {
    expect(quote("it's")).toBe(`'it'\\''s'`);
    expect(quote("plain:key=1")).toBe("plain:key=1");
  });
});
