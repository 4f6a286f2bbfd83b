import { beforeAll, describe, expect, test } from "vitest";
import { fold, keyOf, normal } from "../../src/core/random.js";
import { sizeOf } from "../../src/core/shape.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { conv2d, dense } from "../../src/layers/index.js";
import { contextOf, distance, gaussian, largest, tensorOf, valuesOf } from "../support/layers.js";
import type { Seen } from "../support/windows.js";
import { overWindows } from "../support/windows.js";

const key = keyOf(5);

beforeAll(() => useBackend("cpu"));

function imagesOf(batch: number, height: number, width: number, channels: number) {
  const values = Float64Array.from(
    Float32Array.from(normal(fold(key, "images"), batch * height * width * channels)),
  );
  return { batch, height, width, channels, values };
}

/** Float32 rounding of a sum of a few hundred products: each term is right to 2^-24. */
const relative = 1e-5;

const cases = [1, 3, 5, 7].flatMap((size) =>
  [1, 2].flatMap((stride) =>
    [
      [8, 8],
      [7, 9],
      [9, 8],
    ].map(([height, width]) => ({ size, stride, height: height!, width: width! })),
  ),
);

describe("a convolution is the sum over its window", () => {
  test.each(cases)("$size x $size, stride $stride, on $height x $width", (one) => {
    const { size, stride, height, width } = one;
    const [channels, filters] = [3, 4];
    const layer = conv2d({ filters, size, stride, initializer: gaussian, bias: gaussian });
    const images = imagesOf(2, height, width, channels);
    const [weight, bias] = [
      tensorOf(normal(fold(key, "weight"), size * size * channels * filters), [
        size,
        size,
        channels,
        filters,
      ]),
      tensorOf([0.6, -1.3, 0.1, 2.2], [filters]),
    ];
    const [w, b] = [valuesOf(weight), valuesOf(bias)];
    const sum = (seen: readonly Seen[]) =>
      Array.from(b, (start, f) =>
        seen.reduce((total, { value, row, column, channel }) => {
          const at = ((row * size + column) * channels + channel) * filters + f;
          return total + value * w[at]!;
        }, start),
      );
    const wanted = overWindows(images, { size, stride, padding: (size - 1) / 2 }, sum);
    const x = tensorOf(images.values, [2, height, width, channels]);
    const y = layer.apply(x, { weight, bias }, contextOf());
    expect(y.shape).toEqual([2, Math.ceil(height / stride), Math.ceil(width / stride), filters]);
    expect(distance(valuesOf(y), wanted)).toBeLessThan(relative * largest(wanted));
  });
});

test("padding and size are free of each other", () => {
  const layer = (size: number, padding: number) =>
    conv2d({ filters: 2, size, padding, stride: 2, initializer: gaussian }).outShape([9, 10, 3]);
  expect(layer(2, 0)).toEqual([4, 5, 2]);
  expect(layer(4, 1)).toEqual([4, 5, 2]);
  expect(layer(3, 0)).toEqual([4, 4, 2]);
});

test("groups equal one convolution with a block-diagonal kernel", () => {
  const [size, channels, filters, groups] = [3, 6, 9, 3];
  const grouped = conv2d({ filters, size, stride: 2, groups, initializer: gaussian });
  const whole = conv2d({ filters, size, stride: 2, initializer: gaussian });
  const [spec] = grouped.parameters([8, 7, channels]);
  expect(spec!.shape).toEqual([3, 3, 2, 9]);
  const values = normal(fold(key, "grouped"), sizeOf(spec!.shape));
  const [perGroup, filtersPerGroup] = [channels / groups, filters / groups];
  const block = new Float64Array(size * size * channels * filters);
  for (let place = 0; place < size * size; place++) {
    for (let c = 0; c < perGroup; c++) {
      for (let f = 0; f < filters; f++) {
        const group = Math.floor(f / filtersPerGroup);
        const from = (place * perGroup + c) * filters + f;
        block[(place * channels + group * perGroup + c) * filters + f] = values[from]!;
      }
    }
  }
  const x = tensorOf(imagesOf(2, 8, 7, channels).values, [2, 8, 7, channels]);
  const y = grouped.apply(x, { weight: tensorOf(values, spec!.shape) }, contextOf());
  const kernel = tensorOf(block, [size, size, channels, filters]);
  const wanted = valuesOf(whole.apply(x, { weight: kernel }, contextOf()));
  expect(distance(valuesOf(y), wanted)).toBeLessThan(relative * largest(wanted));
});

test("multiply-adds are outputs times inputs of one output", () => {
  const options = { initializer: gaussian, bias: gaussian };
  expect(conv2d({ filters: 64, size: 7, stride: 2, ...options }).macs([224, 224, 3])).toBe(
    112 * 112 * 64 * 7 * 7 * 3,
  );
  expect(conv2d({ filters: 8, groups: 4, ...options }).macs([5, 6, 4])).toBe(5 * 6 * 8 * 9);
  expect(dense({ units: 1000, ...options }).macs([512])).toBe(512_000);
});

test("parameters are those of PyTorch, the bias only when asked for", () => {
  const named = (bias: boolean) =>
    conv2d({ filters: 6, initializer: gaussian, ...(bias ? { bias: gaussian } : {}) })
      .parameters([5, 5, 4])
      .map(({ name, shape, role, trainable }) => ({ name, shape, role, trainable }));
  const weight = { name: "weight", shape: [3, 3, 4, 6], role: "weight", trainable: true };
  const bias = { name: "bias", shape: [6], role: "bias", trainable: true };
  expect(named(false)).toEqual([weight]);
  expect(named(true)).toEqual([weight, bias]);
});

test("a dense layer multiplies and adds", () => {
  const layer = dense({ units: 2, initializer: gaussian, bias: gaussian });
  const weight = tf.tensor2d([
    [0.6, 2],
    [-1, 0.5],
    [3, 1.3],
  ]);
  const bias = tf.tensor1d([0.25, -2]);
  const y = layer.apply(tf.tensor2d([[1, 2, 3]]), { weight, bias }, contextOf());
  // 0.6 - 2 + 9 + 0.25 and 2 + 1 + 3.9 - 2, to float32's rounding
  expect(distance(valuesOf(y), [7.85, 4.9])).toBeLessThan(1e-6);
});
