import { describe, expect, it } from "vitest";
import { UserError } from "../../src/core/errors.js";
import { keyOf } from "../../src/core/random.js";
import { sizeOf } from "../../src/core/shape.js";
import { initializerByName, initializerNames } from "../../src/initializers/index.js";

const shapes = [
  [3, 3, 4, 6],
  [3, 3, 6, 4],
  [1, 1, 5, 5],
  [2, 4, 3, 7],
  [6, 10],
];
const fixedOnes: readonly string[] = ["zero", "delta"];

describe.each(initializerNames)("%s", (name) => {
  const initializer = initializerByName(name);

  it("fills the shape with finite numbers", () => {
    for (const shape of shapes) {
      const values = initializer.sample(shape, keyOf(1));
      expect(values.length).toBe(sizeOf(shape));
      expect(values.every(Number.isFinite)).toBe(true);
    }
  });

  it("gives equal values for equal keys, and others for others unless it is fixed", () => {
    for (const shape of shapes) {
      const values = initializer.sample(shape, keyOf(1));
      expect(initializer.sample(shape, keyOf(1))).toEqual(values);
      const others = initializer.sample(shape, keyOf(2));
      if (fixedOnes.includes(name)) expect(others).toEqual(values);
      else expect(others).not.toEqual(values);
    }
  });

  it("hands out a fresh array every time", () => {
    const values = initializer.sample([4, 6], keyOf(1));
    const before = Float64Array.from(values);
    initializer.sample([4, 6], keyOf(1)).fill(0.6);
    expect(values).toEqual(before);
    expect(initializer.sample([4, 6], keyOf(1))).toEqual(before);
  });
});

describe("initializerByName", () => {
  it("names what came, what is near and what is allowed", () => {
    expect(() => initializerByName("he-fan-uot")).toThrow(UserError);
    expect(() => initializerByName("he-fan-uot")).toThrow(
      'initializer "he-fan-uot" (did you mean "he-fan-out"?); allowed: he-fan-in, ',
    );
  });

  it.each(["toString", "__proto__", ""])("does not know %j", (name) => {
    expect(() => initializerByName(name)).toThrow(UserError);
  });

  it("knows every initializer by its own name", () => {
    for (const name of initializerNames) {
      const own = initializerByName(name).name;
      expect(own === name || own.startsWith(`${name}(`)).toBe(true);
    }
  });
});
