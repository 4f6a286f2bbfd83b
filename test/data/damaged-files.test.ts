import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import cifar10 from "../../src/data/cifar10.js";
import type { DatasetReader } from "../../src/data/dataset.js";
import mnist from "../../src/data/mnist.js";
import npy, { readNpyImages, readNpyLabels } from "../../src/data/npy.js";
import { cifarDataset } from "../../src/data/parts/cifar-records.js";
import { readIdx } from "../../src/data/parts/idx.js";
import { collectGarbage } from "../support/garbage.js";
import {
  cifarBytes,
  idxBytes,
  npyBytes,
  randomBytes,
  request,
  temporaryFolder,
} from "./parts/files-for-tests.js";
import { surveyMutants } from "./parts/mutate.js";

const temporary = temporaryFolder();
afterAll(() => temporary.remove());

const images = idxBytes([3, 4, 5], randomBytes(1, 60));
const labels = idxBytes([3], Uint8Array.of(7, 0, 9));
const array = npyBytes(
  "<f4",
  [3, 2, 2, 1],
  Float32Array.from({ length: 12 }, (_, i) => 0.6 * i),
);
const names = npyBytes("<i4", [3], Int32Array.of(2, 0, 1));

/** What each reader of bytes makes of a file, and a sound file. */
const parsers: readonly [string, Uint8Array, (bytes: Uint8Array) => unknown][] = [
  ["CIFAR-10 records", cifarBytes([4]), (bytes) => cifarDataset([{ where: "x", bytes }])],
  ["idx images", images, (bytes) => readIdx(bytes, 3, "x")],
  ["packed idx images", gzipSync(images), (bytes) => readIdx(bytes, 3, "x")],
  ["idx labels", labels, (bytes) => readIdx(bytes, 1, "x")],
  ["npy images", array, (bytes) => readNpyImages(bytes, "x")],
  ["npy labels", names, (bytes) => readNpyLabels(bytes, "x")],
];

test.each(parsers)(
  "10,000 damaged %s are read or refused, and nothing else happens",
  async (_, sound, read) => {
    expect(() => read(sound)).not.toThrow();
    const before = process.memoryUsage().rss;
    let reads = 0;
    const survey = await surveyMutants(sound, 10_000, (mutant) => {
      // Versions of Node let different amounts of garbage lie; none may hide in the bound below.
      if (reads++ % 200 === 0) collectGarbage();
      return read(mutant);
    });
    expect(survey.wrong).toEqual([]);
    expect(survey.accepted).toBeGreaterThan(0);
    expect(survey.refused).toBeGreaterThan(1000);
    // Mutants have a few kilobytes; a claimed size must not become memory.
    // 150 MB is room for what the allocator keeps.
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  },
);

/** Every reader of files with a sound set of files; the law damages each file in turn. */
const readers: readonly [DatasetReader, string, Readonly<Record<string, Uint8Array>>][] = [
  [cifar10, "", { "data_batch_1.bin": cifarBytes([4, 5]), "data_batch_2.bin": cifarBytes([6]) }],
  [mnist, "", { "train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": labels }],
  [mnist, "", { "t10k-images-idx3-ubyte.gz": gzipSync(images), "t10k-labels-idx1-ubyte": labels }],
  [npy, "x.npy", { "x.npy": array, "x.labels.npy": names }],
];

test.each(readers)(
  "$title loads or refuses folders with a damaged file (%#)",
  async (reader, name, files) => {
    const folder = join(temporary.path, `${reader.title}-${Object.keys(files)[0]}`);
    mkdirSync(folder, { recursive: true });
    const load = async (damaged: Readonly<Record<string, Uint8Array>>) => {
      for (const [file, bytes] of Object.entries(damaged)) writeFileSync(join(folder, file), bytes);
      const data = await reader.load(request({ argument: `./${name}`, folder }));
      const [height, width, channels] = data.shape;
      const out = new Float32Array(height! * width! * channels!);
      for (let index = 0; index < data.count; index++) data.read(index, out, 0);
      if (!out.every(Number.isFinite)) throw new Error("a value that is not finite came through");
    };
    await load(files);
    for (const [file, bytes] of Object.entries(files)) {
      const survey = await surveyMutants(bytes, 150, (mutant) =>
        load({ ...files, [file]: mutant }),
      );
      expect(survey.wrong).toEqual([]);
      expect(survey.refused).toBeGreaterThan(10);
    }
  },
);
