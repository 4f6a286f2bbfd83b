import { beforeAll, describe, expect, test } from "vitest";
import type { Architecture, Network } from "../../src/architectures/architecture.js";
import convshort from "../../src/architectures/convshort.js";
import idshort from "../../src/architectures/idshort.js";
import learnscalar from "../../src/architectures/learnscalar.js";
import { totals } from "../../src/architectures/parts/describe.js";
import {
  initialize,
  parameterSpecs,
  runNetwork,
  sampleParameter,
} from "../../src/architectures/parts/network.js";
import { keyOf } from "../../src/core/random.js";
import { parseOptions } from "../../src/core/schema.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { gaussianImages, meanSquare, variance } from "./propagation.js";

beforeAll(() => useBackend("cpu"));

function built<O>(architecture: Architecture<O>, options: Record<string, unknown>): Network {
  return architecture.build(parseOptions(architecture.options, options, "test"));
}

describe("sizes of the paper's tables", () => {
  test.each([
    ["idshort", idshort, 18, 11_164_362, 1.111],
    ["idshort", idshort, 50, 23_467_722, 2.596],
    ["convshort", convshort, 18, 11_516_618, 1.153],
    ["convshort", convshort, 50, 38_016_714, 4.206],
  ] as const)("%s, depth %4$s", (_, architecture, depth, parameters, flops) => {
    const sum = totals(built(architecture, { depth }));
    expect(sum.parameters).toBe(parameters);
    expect(sum.flops / 1e9).toBeCloseTo(flops, 3);
  });

  test.each([
    ["idshort", idshort, 42.41],
    ["convshort", convshort, 74.78],
  ] as const)("%s, depth 101, in millions as printed", (_, architecture, millions) => {
    expect(totals(built(architecture, { depth: 101 })).parameters / 1e6).toBeCloseTo(millions, 2);
  });

  test("LearnScalar has one number more for each identity", () => {
    const identities = [18, 34, 50].map(
      (depth) =>
        totals(built(learnscalar, { depth })).parameters -
        totals(built(idshort, { depth })).parameters,
    );
    expect(identities).toEqual([5, 13, 12]);
  });
});

/** Output of a network's first block when all weights of its branch are 0, and its input. */
function shortcutAlone(network: Network, block: number) {
  return tf.tidy(() => {
    const key = keyOf(3);
    const drawn = initialize(network, key);
    const parameters = Object.fromEntries(
      Object.entries(drawn).map(([name, value]) => [
        name,
        name.includes(".branch.") ? tf.zerosLike(value) : value,
      ]),
    );
    const signals: Record<string, tf.Tensor> = {};
    const tap = (name: string, x: tf.Tensor) => {
      signals[name] = x;
      return x;
    };
    const x = gaussianImages(network.inShape, 2, 5);
    runNetwork(network, parameters, x, { training: false, statistics: "batch", key, tap });
    const into = signals[block === 0 ? "stem" : `blocks.${block - 1}`]!;
    const weight = parameters[`blocks.${block}.shortcut.weight`];
    const through = (y: tf.Tensor) =>
      weight === undefined
        ? y
        : tf.conv2d(y as tf.Tensor4D, weight as tf.Tensor4D, block === 1 ? 2 : 1, 0);
    const data = (y: tf.Tensor) => Array.from(y.dataSync());
    return {
      out: data(signals[`blocks.${block}`]!),
      raw: data(through(into)),
      activated: data(through(tf.relu(into))),
    };
  });
}

function expectScaled(out: readonly number[], of: readonly number[], factor: number) {
  const worst = out.reduce((w, value, i) => Math.max(w, Math.abs(value - factor * of[i]!)), 0);
  // Float32 sums of at most 32 terms of order 1.
  expect(worst).toBeLessThan(1e-5);
}

describe("what the shortcut reads", () => {
  const quick = { ...idshort.quick, c: 0.6 };

  test("IdShort: c x", () => {
    const { out, raw } = shortcutAlone(built(idshort, quick), 0);
    expectScaled(out, raw, 0.6);
  });

  test("LearnScalar: c alpha x", () => {
    const { out, raw } = shortcutAlone(built(learnscalar, { ...quick, alpha: 1.3 }), 0);
    expectScaled(out, raw, 0.6 * 1.3);
  });

  test("ConvShort and transitions: c W x, or c W relu(x) when asked for", () => {
    for (const block of [0, 1]) {
      const raw = shortcutAlone(built(convshort, quick), block);
      expectScaled(raw.out, raw.raw, 0.6);
      const activated = shortcutAlone(
        built(convshort, { ...quick, shortcutInput: "activated" }),
        block,
      );
      expectScaled(activated.out, activated.activated, 0.6);
    }
    const transition = shortcutAlone(built(idshort, quick), 1);
    expectScaled(transition.out, transition.raw, 0.6);
  });

  test("a network whose shortcuts read x says that they gain 2", () => {
    const about = (network: Network) => network.notes!.filter((note) => note.includes("gain is 2"));
    expect(about(built(convshort, {}))).toHaveLength(1);
    expect(about(built(convshort, { shortcutInput: "activated" }))).toHaveLength(0);
  });
});

describe("weights", () => {
  const name = "blocks.1.branch.conv1.weight";

  function sampled(options: Record<string, unknown>) {
    const network = built(idshort, { ...idshort.quick, ...options });
    const spec = parameterSpecs(network).find((one) => one.name === name)!;
    return { values: Float32Array.from(sampleParameter(spec, keyOf(2))), shape: spec.shape };
  }

  test.each([
    ["ours", 2 / (9 * 32)],
    ["brock", 2 / (1 - 1 / Math.PI) / (9 * 16)],
  ] as const)("%s have exactly mean 0 and the rule's variance", (init, expected) => {
    const { values, shape } = sampled({ init });
    expect(shape).toEqual([3, 3, 16, 32]);
    // Float32 rounding of the values.
    expect(variance(values) / expected).toBeCloseTo(1, 6);
    expect(meanSquare(values) / expected).toBeCloseTo(1, 6);
  });

  test("Brock's are centred in every filter, the paper's in the whole tensor only", () => {
    const largest = (values: Float32Array) => {
      const sums = Array.from({ length: 32 }, (_, filter) =>
        values.filter((_, i) => i % 32 === filter).reduce((sum, v) => sum + v, 0),
      );
      return Math.max(...sums.map(Math.abs));
    };
    expect(largest(sampled({ init: "brock" }).values)).toBeLessThan(1e-5);
    expect(largest(sampled({ init: "ours" }).values)).toBeGreaterThan(0.1);
  });

  test("ours is fan-out, standardised: the same draws, shifted and scaled", () => {
    expect(sampled({ init: "fan-out", standardise: true }).values).toEqual(
      sampled({ init: "ours" }).values,
    );
    expect(sampled({ init: "fan-out" }).values).toEqual(
      sampled({ init: "ours", standardise: false }).values,
    );
    expect(sampled({ init: "fan-out" }).values).not.toEqual(sampled({ init: "ours" }).values);
  });
});

test("a depth that no trunk has is the user's mistake", () => {
  expect(() => built(convshort, { depth: 19 })).toThrow(/convshort: option "depth" is 19/);
});
