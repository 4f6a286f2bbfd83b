import { beforeAll, describe, expect, test } from "vitest";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { answersOf, differenceOf } from "./parts/answers.js";
import type { Operation } from "./parts/operations.js";
import { depthwise, plainOperations, pools } from "./parts/operations.js";

beforeAll(() => useBackend("onnx"));

/** The signal after a convolution that changes nothing: it lies in the order of convolutions. */
function convolved(x: tf.Tensor): tf.Tensor {
  const channels = x.shape.at(-1)!;
  const filter = tf.reshape(tf.eye(channels), [1, 1, channels, channels]);
  return tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 0);
}

/** The operation on signals as convolutions leave them. */
function behindConvolutions(operation: Operation): Operation {
  const moved = (x: tf.Tensor) => (x.rank === 4 ? convolved(x) : x);
  return { ...operation, apply: (inputs) => operation.apply(inputs.map(moved)) };
}

/** The operation with 16 channels in place of 6, which convolutions hold in blocks. */
function widened(operation: Operation): Operation {
  const wide = (shape: readonly number[]) =>
    shape.map((size, axis) => (axis === shape.length - 1 && size === 6 ? 16 : size));
  return { ...operation, shapes: operation.shapes.map(wide) };
}

const cases = [...plainOperations, ...depthwise, ...pools].filter(({ shapes }) =>
  shapes.some((shape) => shape.length === 4),
);

/** Sums run in another order: some 1e-6 of a sum of hundreds of terms, more in cotangents. */
const tolerance = 3e-5;

describe.each([
  ["few channels", (operation: Operation) => operation],
  ["channels in blocks", widened],
] as const)("behind convolutions of %s", (_, prepared) => {
  test.each(cases.map((one) => [one.name, prepared(one)] as const))(
    "%s has the same value and cotangents as on a tensor of its own",
    (_name, operation) => {
      const alone = answersOf(operation);
      const behind = answersOf(behindConvolutions(operation));
      for (const [i, expected] of alone.entries()) {
        expect(differenceOf(expected, behind[i]!)).toBeLessThan(tolerance);
      }
    },
  );
});
