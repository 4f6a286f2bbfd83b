import { readdirSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import type { Key } from "../../src/core/random.js";
import { fold, keyOf, normal, uniform } from "../../src/core/random.js";
import { sizeOf } from "../../src/core/shape.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import type { Parameters } from "../../src/layers/index.js";
import { derivative, step, unit } from "../support/differences.js";
import type { LayerCase } from "../support/layers.js";
import {
  contextOf,
  cotangentOf,
  distance,
  inner,
  inputOf,
  largest,
  layerCases,
  movedParameters,
  tensorOf,
  valuesOf,
} from "../support/layers.js";

const key = keyOf(2024);
const batch = 3;

beforeAll(() => useBackend("cpu"));

/**
 * A function of one named tensor, the others held. `input` is the signal, the rest are
 * parameters.
 */
interface Slot {
  readonly name: string;
  readonly at: tf.Tensor;
  run(value: tf.Tensor): tf.Tensor;
}

function slotsOf(one: LayerCase): readonly Slot[] {
  const parameters = movedParameters(one.layer, one.inShape, fold(key, one.title));
  const x = inputOf(one, batch, fold(key, `${one.title} input`));
  const context = contextOf(one.context);
  const run = (value: tf.Tensor, named: Parameters) => one.layer.apply(value, named, context);
  const trainable = one.layer.parameters(one.inShape).filter((spec) => spec.trainable);
  return [
    { name: "input", at: x, run: (value) => run(value, parameters) },
    ...trainable.map(({ name }) => ({
      name,
      at: parameters[name]!,
      run: (value: tf.Tensor) => run(x, { ...parameters, [name]: value }),
    })),
  ];
}

/**
 * J' u at the slot's value; the copy lets it pass through a layer that returns its input itself.
 */
function pullBack(slot: Slot, cotangent: tf.Tensor): tf.Tensor {
  return tf.grad((value: tf.Tensor) => tf.clone(slot.run(value)))(slot.at, cotangent);
}

/** J v: the derivative of <J' u, v> by u, as J' u is linear in u. */
function pushForward(slot: Slot, tangent: tf.Tensor, cotangent: tf.Tensor): tf.Tensor {
  return tf.grad((u: tf.Tensor) => tf.sum(tf.mul(pullBack(slot, u), tangent)))(cotangent);
}

/**
 * Random signs times a power of two near 4 / sqrt(n), so that a sum over n entries moves little.
 */
function signs(from: Key, n: number): Float64Array {
  const size = Math.min(1, 2 ** Math.round(Math.log2(4 / Math.sqrt(n))));
  return uniform(from, n, -1, 1).map((value) => (value < 0 ? -size : size));
}

/** Random directions and single coordinates of an n-dimensional space. */
function directions(from: Key, n: number): readonly Float64Array[] {
  const dense = ["a", "b", "c"].map((label) => signs(fold(from, label), n));
  const places = uniform(fold(from, "places"), 6, 0, n).map(Math.floor);
  const single = [...places].map((place) => new Float64Array(n).fill(1, place, place + 1));
  return [...dense, ...single];
}

/** Derivative of <f, u> along v, whose entries are powers of two like the step, by differences. */
function difference(slot: Slot, v: Float64Array, u: Float64Array): number {
  const x = valuesOf(slot.at);
  return derivative((t) => {
    const moved = tensorOf(
      x.map((value, i) => value + t * v[i]!),
      slot.at.shape,
    );
    return [inner(valuesOf(slot.run(moved)), u)];
  })[0]!;
}

function norm(a: Float64Array): number {
  return Math.sqrt(inner(a, a));
}

test("every file of the layers' folders has a case", () => {
  const filesOf = (folder: string) =>
    readdirSync(new URL(`../../src/layers/${folder}`, import.meta.url))
      .filter((file) => file.endsWith(".ts"))
      .map((file) => `${folder}${file.slice(0, -3)}`);
  const contracts = ["layer", "scope", "index", "activations/activation"];
  const files = [...filesOf(""), ...filesOf("activations/")];
  const cases = new Set(layerCases.map(({ file }) => file));
  expect(files.filter((file) => !contracts.includes(file) && !cases.has(file))).toEqual([]);
  expect([...cases].filter((file) => !files.includes(file))).toEqual([]);
});

describe.each(layerCases)("$title", (one) => {
  const { layer, inShape } = one;

  test("outShape is the shape of what apply returns", () => {
    const [input] = slotsOf(one);
    expect(input!.run(input!.at).shape).toEqual([batch, ...layer.outShape(inShape)]);
  });

  test("parameter names are unique and values fill their shapes", () => {
    const specs = layer.parameters(inShape);
    expect(new Set(specs.map(({ name }) => name)).size).toBe(specs.length);
    for (const { initializer, shape } of specs) {
      expect(initializer.sample(shape, key).length).toBe(sizeOf(shape));
    }
  });

  test("equal keys give equal parameters", () => {
    for (const { initializer, shape, name } of layer.parameters(inShape)) {
      const again = layer.parameters(inShape).find((spec) => spec.name === name)!;
      const from = fold(key, name);
      expect(again.initializer.sample(again.shape, from)).toEqual(initializer.sample(shape, from));
    }
  });

  test("equal keys give equal outputs", () => {
    const [input] = slotsOf(one);
    expect(valuesOf(input!.run(input!.at))).toEqual(valuesOf(input!.run(input!.at)));
  });

  test("gradients match central differences", () => {
    for (const slot of slotsOf(one)) {
      const y = valuesOf(slot.run(slot.at));
      const u = normal(fold(key, `${one.title} ${slot.name} u`), y.length);
      const shape = [batch, ...layer.outShape(inShape)];
      const gradient = valuesOf(pullBack(slot, tensorOf(u, shape)));
      // An output is off by a few dozen roundings of its largest terms, divided by the step.
      const tolerance = (64 * unit * norm(u) * Math.max(1, largest(y))) / step;
      for (const v of directions(fold(key, `${one.title} ${slot.name}`), gradient.length)) {
        const exact = inner(gradient, v);
        const off = Math.abs(difference(slot, v, u) - exact);
        expect(off, slot.name).toBeLessThan(tolerance + 1e-4 * Math.abs(exact));
      }
    }
  });

  test("<Jv, u> = <v, J'u>", () => {
    for (const slot of slotsOf(one)) {
      const u = cotangentOf(one, batch, key);
      const v = tensorOf(normal(fold(key, `${one.title} v`), slot.at.size), slot.at.shape);
      const pushed = valuesOf(pushForward(slot, v, u));
      const pulled = valuesOf(pullBack(slot, u));
      // Both sides are float32 vectors, each entry right to a few roundings, summed in float64.
      const scale = norm(pushed) * norm(valuesOf(u)) + norm(pulled) * norm(valuesOf(v));
      const gap = inner(pushed, valuesOf(u)) - inner(valuesOf(v), pulled);
      expect(Math.abs(gap), slot.name).toBeLessThanOrEqual(16 * unit * scale);
    }
  });
});

describe.each(layerCases.filter((one) => !one.coupled))("$title", (one) => {
  test("an image's result does not depend on the others of its batch", () => {
    const [input] = slotsOf(one);
    const images = tf.split(input!.at, batch);
    const together = valuesOf(input!.run(input!.at));
    const alone = valuesOf(tf.concat(images.map((image) => input!.run(image))));
    // Backends may add in another order for another batch: a few roundings.
    expect(distance(together, alone)).toBeLessThanOrEqual(16 * unit * largest(together));
  });
});

test("a coupled layer's result does depend on the others of its batch", () => {
  for (const one of layerCases.filter(({ coupled }) => coupled)) {
    const [input] = slotsOf(one);
    const alone = tf.split(input!.at, batch).map((image) => input!.run(image));
    const together = input!.run(input!.at);
    expect(distance(valuesOf(together), valuesOf(tf.concat(alone))), one.title).toBeGreaterThan(
      1e-3,
    );
  }
});
