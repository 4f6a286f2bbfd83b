import { beforeAll, expect, test } from "vitest";
import { fold, keyOf, normal } from "../../src/core/random.js";
import { sizeOf } from "../../src/core/shape.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { comparedBackends, describeBackends } from "../engine/parts/backends.js";
import type { LayerCase } from "../support/layers.js";
import {
  contextOf,
  distance,
  inputOf,
  largest,
  layerCases,
  movedParameters,
  tensorOf,
  valuesOf,
} from "../support/layers.js";

const key = keyOf(99);
const batch = 3;

/**
 * What a backend makes of a case: the output, and the cotangent of the input and every trainable
 * parameter.
 */
interface Answer {
  readonly output: Float64Array;
  readonly gradients: Readonly<Record<string, Float64Array>>;
}

function answer(one: LayerCase): Answer {
  const { layer, inShape, title } = one;
  const parameters = movedParameters(layer, inShape, fold(key, title));
  const x = inputOf(one, batch, fold(key, `${title} input`));
  const shape = [batch, ...layer.outShape(inShape)];
  const u = tensorOf(normal(fold(key, `${title} u`), sizeOf(shape)), shape);
  const context = contextOf(one.context);
  const names = layer
    .parameters(inShape)
    .filter(({ trainable }) => trainable)
    .map(({ name }) => name);
  const run = (value: tf.Tensor, ...values: tf.Tensor[]) => {
    const changed = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
    return tf.clone(layer.apply(value, { ...parameters, ...changed }, context));
  };
  const at = names.map((name) => parameters[name]!);
  const gradients = tf.grads(run)([x, ...at], u);
  const entries = ["input", ...names].map((name, i) => [name, valuesOf(gradients[i]!)]);
  return { output: valuesOf(run(x, ...at)), gradients: Object.fromEntries(entries) };
}

const answers = new Map<string, Answer>();

beforeAll(async () => {
  await useBackend("cpu");
  for (const one of layerCases) answers.set(one.title, answer(one));
});

const body = () => {
  test.each(layerCases)("$title", (one) => {
    const wanted = answers.get(one.title)!;
    const got = answer(one);
    // Float32 sums of up to a hundred terms in another order; backward sums also run over pixels.
    const close = (a: Float64Array, b: Float64Array, relative: number, what: string) =>
      expect(distance(a, b), what).toBeLessThanOrEqual(relative * Math.max(1, largest(b)));
    close(got.output, wanted.output, 1e-5, "output");
    for (const [name, gradient] of Object.entries(wanted.gradients)) {
      close(got.gradients[name]!, gradient, 1e-4, name);
    }
  });
};

describeBackends((name) => `${name} agrees with plain JavaScript`, body, comparedBackends);
