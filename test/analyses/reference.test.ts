import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { PropagationRow } from "../../src/analyses/parts/propagation-row.js";
import spp from "../../src/analyses/spp.js";
import { initialize } from "../../src/architectures/parts/network.js";
import { fold, keyOf, normal } from "../../src/core/random.js";
import { parseOptions } from "../../src/core/schema.js";
import type { Batch } from "../../src/data/dataset.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { buildOne } from "../../src/experiment/resolve.js";
import { saveWeights } from "../../src/training/checkpoint.js";
import { root } from "../support/program.js";

type Reference = Record<string, Record<string, Record<string, Record<string, number>>>>;

const folder = join(root, "test", "fixtures", "jax");
const reference = JSON.parse(readFileSync(join(folder, "reference.json"), "utf8")) as Reference;

const common = "input=cifar,depth=14,size=16";
const networks = {
  resnet: `resnet:${common},activationOrder=pre,shortcut=projection`,
  convshort: `convshort:${common},init=brock`,
  isonet: `isonet:${common},init=orthogonal,threshold=-0.6`,
} as const;

const count = 6;
const shape = [16, 16, 3];

function batchOf(): Batch {
  const values = normal(fold(keyOf(11), "images"), count * 16 * 16 * 3);
  const images = Float32Array.from(values, (v) => 0.2 + 1.3 * v);
  return {
    count,
    shape,
    images,
    labels: Int32Array.from({ length: count }, (_, n) => (7 * n) % 10),
  };
}

function npy(descr: string, dims: readonly number[], bytes: Uint8Array): Uint8Array {
  const head = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${dims.join(", ")},), }`;
  const text = `${head.padEnd(117)}\n`;
  return Buffer.concat([
    Buffer.from("\x93NUMPY\x01\x00\x76\x00", "latin1"),
    Buffer.from(text),
    bytes,
  ]);
}

/** Writes what the script of the reference reads. */
async function writeInputs(to: string): Promise<void> {
  mkdirSync(to, { recursive: true });
  const { images, labels } = batchOf();
  const bytes = (values: Float32Array | Int32Array) => new Uint8Array(values.buffer);
  writeFileSync(join(to, "images.npy"), npy("<f4", [count, ...shape], bytes(images)));
  writeFileSync(join(to, "labels.npy"), npy("<i4", [count], bytes(labels)));
  for (const [name, text] of Object.entries(networks)) {
    const { network } = await buildOne(text);
    const parameters = initialize(network, keyOf(5));
    await saveWeights(join(to, `${name}.safetensors`), network, parameters);
    tf.dispose(Object.values(parameters));
  }
}

async function measured(text: string): Promise<readonly PropagationRow[]> {
  const { network } = await buildOne(text);
  const parameters = initialize(network, keyOf(5));
  const subject = { network, parameters, batch: batchOf() };
  const rows: PropagationRow[] = [];
  const options = parseOptions(spp.options, {}, "spp");
  for await (const row of spp.measure(subject, options, keyOf(2))) rows.push(row);
  tf.dispose(Object.values(parameters));
  return rows;
}

beforeAll(async () => {
  await useBackend("onnx");
  const wanted = process.env["JAX_INPUTS"];
  if (wanted !== undefined) await writeInputs(wanted);
});

describe("signal propagation agrees with float64 statistics by JAX", () => {
  it.each(Object.entries(networks))("for %s: every signal both ways", async (name, text) => {
    const rows = await measured(text);
    const expected = reference[name]!;
    expect(new Set(rows.map(({ signal }) => signal))).toEqual(new Set(Object.keys(expected)));
    for (const { signal, direction, statistic, value } of rows) {
      const exact = expected[signal]![direction]!;
      // A few ReLUs flip their sign in float32; a squared mean is a difference of larger numbers.
      const bound = 2e-4 * exact[statistic]! + 1e-6 * exact["meanSquare"]!;
      const where = `${signal} ${direction} ${statistic}`;
      expect(Math.abs(value - exact[statistic]!), where).toBeLessThan(bound);
    }
  });
});
