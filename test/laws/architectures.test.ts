import { beforeAll, describe, expect, it } from "vitest";
import { layerTable } from "../../src/architectures/parts/describe.js";
import {
  initialize,
  parameterCount,
  parameterSpecs,
  partsOf,
  runNetwork,
  signalShapes,
} from "../../src/architectures/parts/network.js";
import { UserError } from "../../src/core/errors.js";
import { fold, keyOf } from "../../src/core/random.js";
import { parseOptions } from "../../src/core/schema.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { load, names } from "../../src/experiment/catalogue.js";
import { noise, recording, signalsOf } from "../support/signals.js";

beforeAll(async () => {
  await useBackend("cpu");
});

const all = await Promise.all(
  names("architectures").map(async (name) => ({
    name,
    architecture: await load("architectures", name),
  })),
);

type Entry = (typeof all)[number];

function build({ name, architecture }: Entry, given: Readonly<Record<string, unknown>>) {
  return architecture.build(parseOptions(architecture.options, given, name));
}

describe.each(all)("the architecture $name", (entry) => {
  const { name, architecture } = entry;
  const network = build(entry, architecture.quick);

  it("says what it is and where it comes from", () => {
    expect(architecture.title.length).toBeGreaterThan(2);
    expect(architecture.source).toMatch(/\d{4}/);
    expect(architecture.summary).toMatch(/^\w.{20,120}$/);
  });

  it("names every parameter once", () => {
    const given = parameterSpecs(network).map((spec) => spec.name);
    expect(new Set(given).size).toBe(given.length);
    expect(given).toContain("classifier.weight");
  });

  it("counts in describe what it has", () => {
    const rows = layerTable(network);
    const specs = parameterSpecs(network);
    const sum = (pick: (row: (typeof rows)[number]) => number) =>
      rows.reduce((total, row) => total + pick(row), 0);
    expect(sum((row) => row.parameters)).toBe(parameterCount(specs));
    expect(sum((row) => row.trainable)).toBe(parameterCount(specs.filter((s) => s.trainable)));
    const macs = partsOf(network).reduce((total, p) => total + p.layer.macs(p.inShape), 0);
    expect(sum((row) => row.macs)).toBe(macs);
  });

  it("is finite, and tells the true shape of every signal", () => {
    const signals = signalsOf(network);
    for (const [signal, shape] of Object.entries(signalShapes(network))) {
      expect(signals[signal]!.shape).toEqual([2, ...shape]);
    }
    for (const signal of Object.values(signals)) {
      expect(signal.dataSync().every(Number.isFinite)).toBe(true);
    }
    expect(signals["logits"]!.shape).toEqual([2, network.classes]);
    expect(signals["features"]!.shape).toHaveLength(2);
  });

  it("gives equal signals for equal keys, in training too", () => {
    const run = () => {
      const context = { ...recording({}), training: true, key: fold(keyOf(11), name) };
      return runNetwork(network, initialize(network, keyOf(5)), noise(network, 2), context);
    };
    expect(run().dataSync()).toEqual(run().dataSync());
  });

  it("gives the energy of its features a finite gradient by the input, not 0 everywhere", () => {
    const parameters = initialize(network, keyOf(5));
    const energy = (x: tf.Tensor): tf.Scalar => {
      const signals: Record<string, tf.Tensor> = {};
      runNetwork(network, parameters, x, recording(signals));
      return tf.sum(tf.square(signals["features"]!));
    };
    const gradient = tf.grad(energy)(noise(network, 2));
    expect(gradient.shape).toEqual([2, ...network.inShape]);
    const values = gradient.dataSync();
    expect(values.every(Number.isFinite)).toBe(true);
    expect(values.some((g) => g !== 0)).toBe(true);
  });

  it("refuses an unknown option and names the known ones", () => {
    const wrong = () => build(entry, { ...architecture.quick, depht: 18 });
    expect(wrong).toThrow(UserError);
    expect(wrong).toThrow(new RegExp(`^${name}: unknown option "depht".*allowed: .*depth`));
  });

  it("refuses a depth that no trunk has, in its own name", () => {
    const wrong = () => build(entry, { depth: 19, input: "imagenet" });
    expect(wrong).toThrow(UserError);
    expect(wrong).toThrow(new RegExp(`^${name}: option "depth" is 19`));
  });

  it.each(Object.keys(architecture.presets))("builds the preset %s", (preset) => {
    const built = build(entry, architecture.presets[preset]!);
    expect(signalShapes(built)["logits"]).toEqual([built.classes]);
    expect(parameterCount(parameterSpecs(built))).toBeGreaterThan(0);
    expect(built.notes?.length).toBeGreaterThan(0);
  });

  it("gives predictions that are positive, and a source with each", () => {
    for (const { theory } of network.blocks) {
      if (theory === undefined) continue;
      for (const prediction of [theory.forward, theory.backward]) {
        if (prediction === undefined) continue;
        expect(prediction.gain ?? prediction.value).toBeGreaterThan(0);
      }
      expect(theory.source).toMatch(/\d{4}/);
    }
  });

  it("has a recipe, if any, whose groups name roles that parameters have", () => {
    const recipe = architecture.recipe?.(
      parseOptions(architecture.options, architecture.quick, name),
    );
    if (recipe === undefined) return;
    expect(recipe.learningRate).toBeGreaterThan(0);
    expect(recipe.source).toMatch(/\w/);
    const roles = new Set(parameterSpecs(network).map(({ role }) => role as string));
    for (const group of recipe.groups ?? []) {
      expect(group.roles?.some((role) => roles.has(role)) ?? group.pattern !== undefined).toBe(
        true,
      );
    }
  });
});
