import { beforeAll, expect, test } from "vitest";
import { useBackend } from "../../src/engine/index.js";
import { answersOf, differenceOf } from "./parts/answers.js";
import { comparedBackends, describeBackends } from "./parts/backends.js";
import { convolutions, depthwise, plainOperations, pools } from "./parts/operations.js";

/** Sums of a few hundred 32-bit floats in different orders differ by some 1e-6. */
const forwardTolerance = 1e-5;

/** A cotangent adds up over a whole batch of pixels, and more roundings with it. */
const backwardTolerance = 1e-4;

const all = [...plainOperations, ...convolutions, ...depthwise, ...pools];

const reference = new Map<string, Float32Array[]>();

beforeAll(async () => {
  await useBackend("cpu");
  for (const operation of all) reference.set(operation.name, answersOf(operation));
});

const title = (name: string) => `the backend ${name}`;

const body = () => {
  test.each(all.map((operation) => [operation.name, operation] as const))(
    "agrees with plain JavaScript on the value and cotangents of %s",
    (name, operation) => {
      const [y, ...cotangents] = answersOf(operation);
      const [expectedY, ...expectedCotangents] = reference.get(name)!;
      expect(differenceOf(expectedY!, y!)).toBeLessThan(forwardTolerance);
      for (const [i, expected] of expectedCotangents.entries()) {
        expect(differenceOf(expected, cotangents[i]!)).toBeLessThan(backwardTolerance);
      }
    },
  );
};

describeBackends(title, body, comparedBackends);
