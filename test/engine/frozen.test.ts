import { beforeAll, describe, expect, test } from "vitest";
import { freeze } from "../../src/engine/evaluation.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { answersFor, answersOf, differenceOf } from "./parts/answers.js";
import type { Operation } from "./parts/operations.js";
import { convolutions, depthwise, inputsOf, plainOperations, pools } from "./parts/operations.js";

beforeAll(() => useBackend("onnx"));

/** Answers when graphs hold the inputs of a place as constants. */
function answersFrozen(operation: Operation, frozen: (place: number) => boolean): Float32Array[] {
  const inputs = (): tf.Tensor[] => {
    const all = inputsOf(operation);
    freeze(all.filter((_, place) => frozen(place)));
    return all;
  };
  return answersFor(inputs, operation.apply);
}

/** Constants are computed in other orders, and other algorithms are chosen for them. */
const tolerance = 1e-4;

const some = convolutions.filter((_, i) => i % 7 === 0);

describe.each([
  ["all of its inputs", () => true],
  ["its last input", undefined],
] as const)("with %s held by the graph", (_, given) => {
  test.each(
    [...plainOperations, ...some, ...depthwise, ...pools].map((one) => [one.name, one] as const),
  )("%s has the same value and cotangents", (_name, operation) => {
    const last = operation.shapes.length - 1;
    const measured = answersFrozen(operation, given ?? ((place) => place === last));
    for (const [i, expected] of answersOf(operation).entries()) {
      expect(differenceOf(expected, measured[i]!)).toBeLessThan(tolerance);
    }
  });
});

test("whole numbers that a graph holds keep their type", () => {
  const weights = tf.tensor1d([0.6, 1.3, 2, 4]);
  const places = tf.tensor2d(
    [
      [3, 0],
      [1, 1],
    ],
    [2, 2],
    "int32",
  );
  freeze([weights, places]);
  const taken = tf.gather(tf.mul(weights, 2), tf.reshape(places, [4]) as tf.Tensor1D);
  expect([...taken.dataSync()]).toEqual([8, Math.fround(0.6) * 2, 2.6, 2.6].map(Math.fround));
});
