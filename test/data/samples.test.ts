import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { sizeOf } from "../../src/core/shape.js";
import cifar10Sample from "../../src/data/cifar10-sample.js";
import type { Dataset } from "../../src/data/dataset.js";
import mnistSample from "../../src/data/mnist-sample.js";
import { sha256 } from "../../src/data/parts/files.js";
import { request } from "./parts/files-for-tests.js";

/** Mean and deviation of a channel over all images, float64. */
function channelMoments(data: Dataset, channel: number): readonly [number, number] {
  const channels = data.shape[2]!;
  const size = sizeOf(data.shape);
  const out = new Float32Array(size);
  let [sum, squares] = [0, 0];
  for (let index = 0; index < data.count; index++) {
    data.read(index, out, 0);
    for (let i = channel; i < size; i += channels) {
      sum += out[i]!;
      squares += out[i]! ** 2;
    }
  }
  const n = (data.count * size) / channels;
  return [sum / n, Math.sqrt(squares / n - (sum / n) ** 2)];
}

function classCounts(labels: Int32Array): readonly number[] {
  return Array.from({ length: 10 }, (_, c) => labels.filter((label) => label === c).length);
}

test.each([
  [cifar10Sample, [32, 32, 3]],
  [mnistSample, [28, 28, 1]],
])("$title come with the package: 32 of each class", async (reader, shape) => {
  const data = await reader.load(request());
  expect([data.count, data.shape, data.classes]).toEqual([320, shape, 10]);
  expect(classCounts(data.labels)).toEqual(new Array(10).fill(32));
});

test("The normalised CIFAR-10 sample has about the moments of the whole set", async () => {
  const data = await cifar10Sample.load(request());
  // All 50,000 have means 0.4914, 0.4822, 0.4465 and deviations 0.2470, 0.2435, 0.2616.
  const deviations = [0.247 / 0.2023, 0.2435 / 0.1994, 0.2616 / 0.201];
  deviations.forEach((expected, channel) => {
    const [mean, deviation] = channelMoments(data, channel);
    // The mean of an image deviates by about 0.6 of what a pixel does; / sqrt(320) = 0.04; three of
    // those.
    expect(Math.abs(mean)).toBeLessThan(0.12);
    expect(Math.abs(deviation - expected)).toBeLessThan(0.12);
  });
});

test("The normalised MNIST sample has about mean 0 and deviation 1", async () => {
  const [mean, deviation] = channelMoments(await mnistSample.load(request()), 0);
  // The mean of a digit deviates by about a third of 0.42; / sqrt(320) = 0.01; five of those.
  expect(Math.abs(mean)).toBeLessThan(0.05);
  expect(Math.abs(deviation - 1)).toBeLessThan(0.05);
});

test("The samples' hashes are those of the unpacked files", async () => {
  const asset = (name: string) =>
    gunzipSync(readFileSync(fileURLToPath(new URL(`../../assets/${name}`, import.meta.url))));
  const cifar = asset("cifar10-sample.bin.gz");
  expect(cifar.length).toBe(983_360);
  expect((await cifar10Sample.load(request())).hash).toBe(sha256(cifar));
  const images = asset("mnist-sample-images-idx3-ubyte.gz");
  const labels = asset("mnist-sample-labels-idx1-ubyte.gz");
  expect((await mnistSample.load(request())).hash).toBe(sha256(images, labels));
});
