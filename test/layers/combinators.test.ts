import { beforeAll, expect, test } from "vitest";
import { fold, keyOf } from "../../src/core/random.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import type { Context, Layer } from "../../src/layers/index.js";
import {
  activation,
  applyPart,
  constantScale,
  conv2d,
  dense,
  need,
  prefixSpecs,
  residual,
  scalarBias,
  scalarScale,
  scopeContext,
  scopeParameters,
  serial,
} from "../../src/layers/index.js";
import { contextOf, gaussian, valuesOf } from "../support/layers.js";

beforeAll(() => useBackend("cpu"));

const x = () => tf.tensor2d([[1, -2]]);

/** A context that lists what is tapped, in order. */
function listening(change: (x: tf.Tensor) => tf.Tensor = (x) => x): {
  context: Context;
  taps: [string, number[]][];
} {
  const taps: [string, number[]][] = [];
  const tap = (name: string, x: tf.Tensor) => {
    taps.push([name, [...valuesOf(x)]]);
    return change(x);
  };
  return { context: contextOf({ tap }), taps };
}

test("a residual block taps branch and shortcut in order, before the factor of the sum", () => {
  const block = residual({
    branch: constantScale({ factor: 3 }),
    shortcut: constantScale({ factor: 0.5 }),
    scale: 2,
    after: activation("relu"),
  });
  const { context, taps } = listening();
  const y = block.apply(x(), {}, context);
  expect(taps).toEqual([
    ["branch", [3, -6]],
    ["shortcut", [0.5, -1]],
  ]);
  expect([...valuesOf(y)]).toEqual([7, 0]);
});

test("a residual block goes on with what the taps return", () => {
  const block = residual({ branch: constantScale({ factor: 3 }) });
  const { context } = listening((signal) => tf.add(signal, 10));
  expect([...valuesOf(block.apply(x(), {}, context))]).toEqual([3 + 1 + 20, -6 - 2 + 20]);
});

test.each([
  ["raw", [5 + 1, -2]],
  ["activated", [5 + 1, 0]],
] as const)(
  "a shortcut can read the %s input of a pre-activated block",
  (shortcutInput, wanted) => {
    const block = residual({
      pre: activation("relu"),
      branch: constantScale({ factor: 5 }),
      shortcutInput,
    });
    expect([...valuesOf(block.apply(x(), {}, contextOf()))]).toEqual(wanted);
  },
);

test("parts of a residual block name their parameters, those of pre and after as told", () => {
  const one = scalarBias();
  const names = (layer: Layer) => layer.parameters([2]).map(({ name }) => name);
  const parts = { branch: one, shortcut: one, pre: one, after: one };
  expect(names(residual(parts))).toEqual([
    "pre.bias",
    "branch.bias",
    "shortcut.bias",
    "after.bias",
  ]);
  expect(names(residual({ ...parts, names: { pre: "bias1", after: "bias2" } }))).toEqual([
    "bias1.bias",
    "branch.bias",
    "shortcut.bias",
    "bias2.bias",
  ]);
});

test("a branch and a shortcut of different shapes are refused", () => {
  const block = residual({ branch: dense({ units: 3, initializer: gaussian }) });
  expect(() => block.outShape([2])).toThrow("residual: branch gives 3, shortcut 2");
});

test("serial applies its parts in order with their own parameters", () => {
  const layer = serial({
    scale: scalarScale({ initial: 0.6 }),
    shift: scalarBias(),
    relu: activation("relu"),
  });
  const named = { "scale.scale": tf.scalar(2), "shift.bias": tf.scalar(0.5) };
  expect([...valuesOf(layer.apply(x(), named, contextOf()))]).toEqual([2.5, 0]);
  expect(layer.parameters([2]).map(({ name, role }) => [name, role])).toEqual([
    ["scale.scale", "scale"],
    ["shift.bias", "bias"],
  ]);
});

test("combinators add up their parts' multiply-adds and tell the shapes that reach them", () => {
  const branch = serial({
    conv1: conv2d({ filters: 8, stride: 2, initializer: gaussian }),
    conv2: conv2d({ filters: 6, size: 1, initializer: gaussian }),
  });
  const shortcut = conv2d({ filters: 6, size: 1, stride: 2, initializer: gaussian });
  const block = residual({ branch, shortcut });
  const [first, second, projection] = [3 * 3 * 8 * 9 * 4, 3 * 3 * 6 * 8, 3 * 3 * 6 * 4];
  expect(block.macs([5, 6, 4])).toBe(first + second + projection);
  expect(branch.children!([5, 6, 4]).map(({ name, inShape }) => [name, inShape])).toEqual([
    ["conv1", [5, 6, 4]],
    ["conv2", [3, 3, 8]],
  ]);
  expect(block.outShape([5, 6, 4])).toEqual([3, 3, 6]);
});

test("a scope cuts and adds the names of a part", () => {
  const [a, b, c] = [tf.scalar(1), tf.scalar(2), tf.scalar(3)];
  const parameters = { "conv1.weight": a, "conv10.weight": b, "conv1.norm.weight": c };
  expect(scopeParameters("conv1", parameters)).toEqual({ weight: a, "norm.weight": c });
  const spec = scalarBias().parameters([2])[0]!;
  const [own, shared] = prefixSpecs("part", [spec, { ...spec, stream: "common" }]);
  expect([own!.name, own!.stream]).toEqual(["part.bias", undefined]);
  expect([shared!.name, shared!.stream]).toEqual(["part.bias", "part.common"]);
});

test("a scope gives a part its own random stream and names its taps within the whole", () => {
  const { context, taps } = listening();
  const inner = scopeContext("b", scopeContext("a", context));
  expect(inner.key).toEqual(fold(fold(context.key, "a"), "b"));
  inner.tap("signal", x());
  expect(taps).toEqual([["a.b.signal", [1, -2]]]);
});

test("a part's parameter without a value is named", () => {
  const scale = scalarScale({ initial: 0.6 });
  const missing = () => applyPart("part", scale, x(), { scale: tf.scalar(1) }, contextOf());
  expect(missing).toThrow('parameter "scale" has no value');
  const value = tf.scalar(0.6);
  expect(need({ scale: value }, "scale")).toBe(value);
});

test("scalars start where they are told", () => {
  const start = (layer: Layer) => {
    const { initializer, shape, trainable, role } = layer.parameters([5, 6, 4])[0]!;
    return [role, trainable, shape, ...initializer.sample(shape, keyOf(1))];
  };
  expect(start(scalarScale({ initial: 0.6 }))).toEqual(["scale", true, [], 0.6]);
  expect(start(scalarScale({ initial: 1.3, trainable: false }))).toEqual(["scale", false, [], 1.3]);
  expect(start(scalarBias())).toEqual(["bias", true, [], 0]);
  expect(start(scalarBias({ initial: 1.3 }))).toEqual(["bias", true, [], 1.3]);
});
