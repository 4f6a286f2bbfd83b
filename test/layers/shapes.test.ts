import { beforeAll, expect, test } from "vitest";
import { UserError } from "../../src/core/errors.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import {
  averagePool,
  batchNorm,
  conv2d,
  dense,
  globalAveragePool,
  maxPool,
  scaledStandardConv2d,
  srelu,
  subsample,
} from "../../src/layers/index.js";
import { contextOf, gaussian } from "../support/layers.js";

beforeAll(() => useBackend("cpu"));

const initializer = gaussian;
const conv = (options: object) => conv2d({ filters: 6, initializer, ...options });

const refused: readonly (readonly [what: string, act: () => unknown, message: string])[] = [
  [
    "features for an image",
    () => conv({}).outShape([10]),
    "conv2d: input is 10; needed: height x width x channels",
  ],
  [
    "an image for features",
    () => dense({ units: 2, initializer }).outShape([4, 4, 3]),
    "dense: input is 4x4x3; needed: one axis of features",
  ],
  [
    "channels that groups do not divide",
    () => conv({ groups: 2 }).outShape([5, 5, 3]),
    "conv2d: 3 input channels; needed: a multiple of groups 2",
  ],
  [
    "filters that groups do not divide",
    () => conv({ groups: 4 }),
    "conv2d: 6 filters; needed: a multiple of groups 4",
  ],
  [
    "a kernel larger than the padded input",
    () => conv({ size: 5, padding: 0 }).outShape([8, 4, 3]),
    "conv2d: window 5x5 on input 8x4x3 with padding 0; needed: a window of at most 4x4",
  ],
  [
    "an even kernel without a padding",
    () => conv({ size: 4 }),
    "conv2d: padding is 1.5; needed: a whole number, at least 0",
  ],
  [
    "a stride of 0",
    () => conv({ stride: 0 }),
    "conv2d: stride is 0; needed: a whole number, at least 1",
  ],
  [
    "half a filter",
    () => scaledStandardConv2d({ filters: 0.5, initializer }),
    "scaled-standard-conv2d: filters is 0.5; needed: a whole number, at least 1",
  ],
  [
    "no units",
    () => dense({ units: 0, initializer }),
    "dense: units is 0; needed: a whole number, at least 1",
  ],
  [
    "a pool larger than the image",
    () => averagePool({ size: 3 }).outShape([2, 9, 3]),
    "average-pool: window 3x3 on input 2x9x3 with padding 0; needed: a window of at most 2x2",
  ],
  [
    "a pool that could see padding alone",
    () => maxPool({ size: 3, padding: 2 }),
    "max-pool: padding is 2; needed: at most half the size 3",
  ],
  [
    "features for a global pool",
    () => globalAveragePool().outShape([7]),
    "global-average-pool: input is 7; needed: height x width x channels",
  ],
  [
    "more channels than a subsampling pads to",
    () => subsample({ stride: 2, channels: 3 }).outShape([4, 4, 5]),
    "subsample: 5 input channels; needed: at most 3, the channels to pad to",
  ],
  [
    "a scalar for a threshold a channel",
    () => srelu().parameters([]),
    "srelu: input is scalar; needed: a last axis of channels",
  ],
  [
    "a scalar for batch norm",
    () => batchNorm().parameters([]),
    "batch-norm: input is scalar; needed: a last axis of channels",
  ],
];

test.each(refused)("%s: refused in one line", (_what, act, message) => {
  expect(act).toThrow(UserError);
  expect(act).toThrow(message);
});

test("apply refuses a signal of another rank as outShape does", () => {
  const features = tf.zeros([2, 7]);
  const image = tf.zeros([2, 4, 4, 3]);
  const apply = (layer: ReturnType<typeof conv2d>, x: tf.Tensor) => () =>
    layer.apply(x, { weight: tf.zeros([1]), gain: tf.zeros([1]) }, contextOf());
  expect(apply(conv({}), features)).toThrow("conv2d: input is 7");
  expect(apply(scaledStandardConv2d({ filters: 6, initializer }), features)).toThrow("input is 7");
  expect(apply(dense({ units: 2, initializer }), image)).toThrow("dense: input is 4x4x3");
  expect(apply(maxPool({ size: 2 }), features)).toThrow("max-pool: input is 7");
  expect(apply(averagePool({ size: 2 }), features)).toThrow("average-pool: input is 7");
  expect(apply(globalAveragePool(), features)).toThrow("global-average-pool: input is 7");
  expect(apply(subsample({ stride: 2, channels: 8 }), features)).toThrow("subsample: input is 7");
});
