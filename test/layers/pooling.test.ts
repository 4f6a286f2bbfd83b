import { beforeAll, describe, expect, test } from "vitest";
import { fold, keyOf, normal } from "../../src/core/random.js";
import { useBackend } from "../../src/engine/index.js";
import type * as tf from "../../src/engine/tf.js";
import type { Layer } from "../../src/layers/index.js";
import { averagePool, globalAveragePool, maxPool, subsample } from "../../src/layers/index.js";
import { contextOf, distance, tensorOf, valuesOf } from "../support/layers.js";
import type { Images, Seen, WindowOptions } from "../support/windows.js";
import { overWindows } from "../support/windows.js";

const key = keyOf(6);
const channels = 3;

beforeAll(() => useBackend("cpu"));

function imagesOf(height: number, width: number, shift: number): Images {
  const values = normal(fold(key, "images"), 2 * height * width * channels).map((v) => v + shift);
  return { batch: 2, height, width, channels, values: Float64Array.from(values, Math.fround) };
}

function run(layer: Layer, images: Images): tf.Tensor {
  const x = tensorOf(images.values, [2, images.height, images.width, channels]);
  return layer.apply(x, {}, contextOf());
}

function byChannel(seen: readonly Seen[], reduce: (values: number[]) => number): number[] {
  return Array.from({ length: channels }, (_, c) =>
    reduce(seen.filter(({ channel }) => channel === c).map(({ value }) => value)),
  );
}

const windows: readonly WindowOptions[] = [
  { size: 1, stride: 2, padding: 0 },
  { size: 2, stride: 2, padding: 0 },
  { size: 2, stride: 1, padding: 1 },
  { size: 3, stride: 1, padding: 1 },
  { size: 3, stride: 2, padding: 1 },
  { size: 5, stride: 2, padding: 2 },
  { size: 7, stride: 2, padding: 3 },
];

const sizes = [
  [8, 8],
  [7, 9],
  [8, 9],
] as const;

const cases = windows.flatMap((window) =>
  sizes.map(([height, width]) => ({ ...window, height, width })),
);

const title = "$size x $size, stride $stride, padding $padding, on $height x $width";

describe("average pooling is the mean over the window, padding counted as zeros", () => {
  test.each(cases)(title, ({ height, width, ...window }) => {
    const images = imagesOf(height, width, 0.6);
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / window.size ** 2;
    const wanted = overWindows(images, window, (seen) => byChannel(seen, mean));
    // A float32 mean of up to 49 values below 5.
    expect(distance(valuesOf(run(averagePool(window), images)), wanted)).toBeLessThan(2e-6);
  });
});

describe("max pooling is the maximum over the window, padding left out", () => {
  test.each(cases)(title, ({ height, width, ...window }) => {
    // Far below zero, so that a padded zero would win.
    const images = imagesOf(height, width, -9);
    const wanted = overWindows(images, window, (seen) =>
      byChannel(seen, (values) => Math.max(...values)),
    );
    expect(valuesOf(run(maxPool(window), images))).toEqual(wanted);
  });
});

test("windows lie side by side unless a stride is given", () => {
  expect(averagePool({ size: 3 }).outShape([9, 7, 2])).toEqual([3, 2, 2]);
  expect(maxPool({ size: 2 }).outShape([9, 8, 2])).toEqual([4, 4, 2]);
});

test("global average pooling is the mean of every channel", () => {
  const images = imagesOf(5, 4, 1.3);
  const wanted = [0, 1].flatMap((n) =>
    Array.from({ length: channels }, (_, c) => {
      const own = images.values.filter(
        (_, i) => i % channels === c && Math.floor(i / (20 * channels)) === n,
      );
      return own.reduce((a, b) => a + b, 0) / 20;
    }),
  );
  expect(distance(valuesOf(run(globalAveragePool(), images)), wanted)).toBeLessThan(1e-6);
});

describe("subsampling keeps every stride-th pixel and appends zero channels", () => {
  test.each(sizes)("%d x %d, stride 2, 3 to 5 channels", (height, width) => {
    const images = imagesOf(height, width, 0.6);
    const window = { size: 1, stride: 2, padding: 0 };
    const wanted = overWindows(images, window, (seen) => [...seen.map(({ value }) => value), 0, 0]);
    expect(valuesOf(run(subsample({ stride: 2, channels: 5 }), images))).toEqual(wanted);
  });

  test("it is the identity for stride 1 and as many channels", () => {
    const images = imagesOf(4, 5, 0.6);
    expect(valuesOf(run(subsample({ stride: 1, channels }), images))).toEqual(images.values);
  });
});
