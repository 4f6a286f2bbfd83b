import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { didYouMean, nearest } from "../../src/core/suggest.js";

const known = ["isonet", "risotto", "convshort", "idshort", "fixup", "nf-resnet"];

describe("nearest", () => {
  it.each([
    ["isonte", "isonet"],
    ["ISONET", "isonet"],
    ["rissoto", "risotto"],
    ["fixpu", "fixup"],
    ["conv-short", "convshort"],
    ["nfresnet", "nf-resnet"],
  ])("%s is near %s", (came, name) => {
    expect(nearest(came, known)).toBe(name);
  });

  it.each(["", "vgg", "transformer", "xy"])("%j is near nothing", (came) => {
    expect(nearest(came, known)).toBeUndefined();
    expect(didYouMean(came, known)).toBe("");
  });

  it("finds every known name itself and every name with one letter missing", () => {
    fc.assert(
      fc.property(fc.constantFrom(...known), fc.nat({ max: 8 }), (name, at) => {
        const cut = at % name.length;
        expect(nearest(name, known)).toBe(name);
        expect(nearest(name.slice(0, cut) + name.slice(cut + 1), known)).toBe(name);
      }),
    );
  });

  it("prints the guess", () => {
    expect(didYouMean("isonett", known)).toBe(' (did you mean "isonet"?)');
  });
});
