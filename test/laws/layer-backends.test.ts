import { beforeAll, expect, test } from "vitest";
import { keyOf } from "../../src/core/random.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { comparedBackends, describeBackends } from "../engine/parts/backends.js";
import type { LayerCase } from "../support/layers.js";
import {
  cotangentOf,
  distance,
  largest,
  layerCases,
  layerFunction,
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
  const { names, at, run } = layerFunction(one, batch, key);
  const gradients = tf.grads(run)([...at], cotangentOf(one, batch, key));
  const entries = ["input", ...names].map((name, i) => [name, valuesOf(gradients[i]!)]);
  return { output: valuesOf(run(...at)), gradients: Object.fromEntries(entries) };
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
