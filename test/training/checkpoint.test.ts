import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Network } from "../../src/architectures/architecture.js";
import { initialize, parameterSpecs } from "../../src/architectures/parts/network.js";
import { UserError } from "../../src/core/errors.js";
import { keyOf, normal } from "../../src/core/random.js";
import type { SafetensorsEntry } from "../../src/core/safetensors.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/core/safetensors.js";
import type { Shape } from "../../src/core/shape.js";
import { sizeOf } from "../../src/core/shape.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import type { Initializer } from "../../src/initializers/initializer.js";
import { identity } from "../../src/layers/identity.js";
import type { Layer, Parameters, Role } from "../../src/layers/layer.js";
import { residual } from "../../src/layers/residual.js";
import { serial } from "../../src/layers/serial.js";
import { loadWeights, readWeights, saveWeights } from "../../src/training/checkpoint.js";
import { temporaryFolder } from "../data/parts/files-for-tests.js";

const temporary = temporaryFolder();
afterAll(() => temporary.remove());
beforeAll(() => useBackend("cpu"));

const gaussian: Initializer = {
  name: "gaussian",
  sample: (shape, key) => normal(key, sizeOf(shape)).map((x) => 0.6 * x),
};

/** A layer that does nothing but own parameters of these shapes. */
function holder(shapes: Readonly<Record<string, Shape>>, role: Role = "weight"): Layer {
  return {
    ...identity(),
    kind: "holder",
    parameters: () =>
      Object.entries(shapes).map(([name, shape]) => ({
        name,
        shape,
        initializer: gaussian,
        role,
        trainable: true,
      })),
  };
}

/** A network with a kernel, a vector, a scalar and a matrix. */
function network(width = 4): Network {
  const branch = serial({
    conv1: holder({ weight: [3, 2, 5, width], bias: [width] }),
    scale: holder({ scale: [] }, "scale"),
  });
  return {
    inShape: [8, 8, 3],
    classes: 10,
    stem: identity(),
    blocks: [{ stage: 1, layer: residual({ branch }) }],
    features: identity(),
    classifier: holder({ weight: [width, 10] }),
  };
}

async function arrays(parameters: Parameters): Promise<Record<string, unknown>> {
  const read = Object.entries(parameters).map(
    async ([name, tensor]) => [name, { shape: tensor.shape, values: await tensor.data() }] as const,
  );
  return Object.fromEntries(await Promise.all(read));
}

const names = [
  "blocks.0.branch.conv1.weight",
  "blocks.0.branch.conv1.bias",
  "blocks.0.branch.scale.scale",
  "classifier.weight",
];

/** Entries as PyTorch would hold them. */
function entries(changes: Readonly<Record<string, readonly number[]>> = {}): SafetensorsEntry[] {
  const shapes = [[4, 5, 3, 2], [4], [], [10, 4]];
  return names.map((name, i) => {
    const shape = changes[name] ?? shapes[i]!;
    return { name, shape, values: new Float32Array(sizeOf(shape)).fill(1.3) };
  });
}

let files = 0;

function put(bytes: Uint8Array): string {
  const path = join(temporary.path, `${files++}.safetensors`);
  writeFileSync(path, bytes);
  return path;
}

async function refusal(path: string, wanted = network()): Promise<string> {
  const thrown: unknown = await loadWeights(path, wanted).catch((error) => error);
  expect(thrown).toBeInstanceOf(UserError);
  expect((thrown as Error).message).not.toContain("\n");
  return (thrown as Error).message;
}

test("Saved weights are loaded bit by bit, and equal weights make equal files", async () => {
  const path = join(temporary.path, "w.safetensors");
  const parameters = initialize(network(), keyOf(5));
  await saveWeights(path, network(), parameters, { step: "17" });
  const loaded = await loadWeights(path, network());
  expect(await arrays(loaded)).toEqual(await arrays(parameters));
  expect(Object.keys(loaded)).toEqual(parameterSpecs(network()).map(({ name }) => name));
  const bytes = readFileSync(path);
  await saveWeights(path, network(), loaded, { step: "17" });
  expect(readFileSync(path).equals(bytes)).toBe(true);
});

test("The file has PyTorch's names and layout", async () => {
  const path = join(temporary.path, "layout.safetensors");
  const parameters = initialize(network(), keyOf(5));
  await saveWeights(path, network(), parameters, { seed: "5" });
  const read = readWeights(path);
  expect(read.metadata).toEqual({ seed: "5" });
  expect(read.entries.map(({ name, shape }) => [name, shape])).toEqual([
    ["blocks.0.branch.conv1.weight", [4, 5, 3, 2]],
    ["blocks.0.branch.conv1.bias", [4]],
    ["blocks.0.branch.scale.scale", []],
    ["classifier.weight", [10, 4]],
  ]);
  const kernel = parameters["blocks.0.branch.conv1.weight"]!;
  const moved = await tf.transpose(kernel, [3, 2, 0, 1]).data();
  expect(read.entries[0]!.values).toEqual(moved);
  const matrix = await tf.transpose(parameters["classifier.weight"]!, [1, 0]).data();
  expect(read.entries[3]!.values).toEqual(matrix);
});

test("Missing, unexpected and mis-shaped tensors are all listed, with near names", async () => {
  const found = entries({ "classifier.weight": [4, 10] }).map((entry) =>
    entry.name.endsWith("bias") ? { ...entry, name: "blocks.0.branch.conv1.bais" } : entry,
  );
  const path = put(encodeSafetensors(found.filter(({ name }) => !name.endsWith("scale"))));
  expect(await refusal(path)).toBe(
    `${path}: not this network's: ` +
      '2 missing: blocks.0.branch.conv1.bias (did you mean "blocks.0.branch.conv1.bais"?), ' +
      "blocks.0.branch.scale.scale; 1 unexpected: blocks.0.branch.conv1.bais; " +
      "1 of another shape: classifier.weight is 4x10, not 10x4",
  );
});

test("No more than ten names of a kind are listed", async () => {
  const extra = Array.from({ length: 14 }, (_, i) => ({
    name: `extra.${i}`,
    shape: [1],
    values: new Float32Array(1),
  }));
  const path = put(encodeSafetensors([...entries(), ...extra]));
  const text = await refusal(path);
  expect(text).toMatch(/14 unexpected: extra\.0, .*extra\.9 and 4 more$/);
  expect(text).not.toContain("extra.10");
});

test("A scalar is not a vector of one, nor a square matrix another network's", async () => {
  const path = put(encodeSafetensors(entries({ "blocks.0.branch.scale.scale": [1] })));
  expect(await refusal(path)).toMatch(/scale\.scale is 1, not scalar/);
  const wide = put(encodeSafetensors(entries()));
  expect(await refusal(wide, network(6))).toMatch(
    /3 of another shape: .*weight is 4x5x3x2, not 6x5x3x2/,
  );
});

test("A value that is not finite is refused with its tensor and place, both ways", async () => {
  const found = entries();
  found[0]!.values[4 * 30 - 1] = Number.NaN;
  const path = put(encodeSafetensors(found));
  expect(await refusal(path)).toBe(
    `${path}: tensor "blocks.0.branch.conv1.weight" holds NaN at [3, 4, 2, 1]; ` +
      "allowed: finite numbers",
  );
  const parameters = initialize(network(), keyOf(5));
  const broken = { ...parameters, [names[2]!]: tf.scalar(Number.POSITIVE_INFINITY) };
  const target = join(temporary.path, "never.safetensors");
  await expect(saveWeights(target, network(), broken)).rejects.toThrow(
    /not written: tensor "blocks.0.branch.scale.scale" holds Infinity at \[\]/,
  );
  expect(readdirSync(temporary.path)).not.toContain("never.safetensors");
});

test("Half-precision files are loaded as float32", async () => {
  const header = Object.fromEntries(
    [[4, 5, 3, 2], [4], [], [10, 4]].map((shape, i) => {
      const begin = [0, 240, 248, 250][i]!;
      return [
        names[i]!,
        { dtype: "BF16", shape, data_offsets: [begin, begin + 2 * sizeOf(shape)] },
      ];
    }),
  );
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + 330);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  // 0x3fa0 is the upper half of the float32 number 1.25.
  for (let i = 8 + text.length; i < bytes.length; i += 2) bytes.set([0xa0, 0x3f], i);
  const loaded = await loadWeights(put(bytes), network());
  expect(new Set(await loaded["classifier.weight"]!.data())).toEqual(new Set([1.25]));
});

test("Missing and foreign files are refused with their path", async () => {
  expect(await refusal(join(temporary.path, "none"))).toMatch(/none: no such file or folder/);
  expect(await refusal(temporary.path)).toMatch(/a folder, not a file/);
  const zip = put(Uint8Array.of(0x50, 0x4b, 3, 4, ...new Uint8Array(60)));
  expect(await refusal(zip)).toMatch(/looks like a pickle of PyTorch/);
});

test("A flipped bit in the values changes one value and nothing else", async () => {
  const sound = encodeSafetensors(entries());
  const flipped = sound.slice();
  flipped[flipped.length - 2]! ^= 1;
  const [a, b] = [decodeSafetensors(sound, "a"), decodeSafetensors(flipped, "b")];
  const changed = a.entries.flatMap(({ values }, i) =>
    [...values].filter((x, j) => x !== b.entries[i]!.values[j]),
  );
  expect(changed.length).toBe(1);
});
