import { expect, test } from "vitest";
import { UserError } from "../../../src/core/errors.js";
import { parseDataArgument } from "../../../src/data/parts/open.js";

test.each([
  ["cifar10:DIR", "cifar10", "DIR"],
  ["cifar10-sample", "cifar10-sample", undefined],
  ["mnist:", "mnist", undefined],
  ["cifar10:C:\\data", "cifar10", "C:\\data"],
  ["npy:a b/x:1.npy", "npy", "a b/x:1.npy"],
])("%s is split at its first colon", (text, name, argument) => {
  expect(parseDataArgument(text)).toEqual({ name, argument });
});

test("An argument without a name is refused", () => {
  for (const text of ["", ":DIR", " :x"]) {
    expect(() => parseDataArgument(text)).toThrow(UserError);
    expect(() => parseDataArgument(text)).toThrow(
      /the name is missing; allowed: NAME or NAME:ARGUMENT/,
    );
  }
});
