import * as tf from "../../../src/engine/tf.js";
import type { Operation } from "./operation.js";
import { rounded, selected } from "./selections.js";

export type { Operation } from "./operation.js";
export { inputsOf, values } from "./operation.js";

const four = (x: tf.Tensor): tf.Tensor4D => x as tf.Tensor4D;

type Unary = readonly [string, (x: tf.Tensor) => tf.Tensor, Partial<Operation>?];

const flat = { smooth: false };

const unary: readonly Unary[] = [
  ["abs", tf.abs, { gap: 0.1 }],
  ["neg", tf.neg],
  ["square", tf.square],
  ["sqrt", tf.sqrt, { low: 0.3, high: 2.6 }],
  ["rsqrt", tf.rsqrt, { low: 0.3, high: 2.6 }],
  ["reciprocal", tf.reciprocal, { low: 0.3, high: 2.6 }],
  ["exp", tf.exp],
  ["expm1", tf.expm1],
  ["log", tf.log, { low: 0.3, high: 2.6 }],
  ["log1p", tf.log1p, { low: -0.6, high: 2.6 }],
  ["tanh", tf.tanh],
  ["sigmoid", tf.sigmoid],
  ["softplus", tf.softplus],
  ["erf", tf.erf],
  ["sin", tf.sin],
  ["cos", tf.cos],
  ["tan", tf.tan, { low: -1, high: 1 }],
  ["asin", tf.asin, { low: -0.6, high: 0.6 }],
  ["acos", tf.acos, { low: -0.6, high: 0.6 }],
  ["atan", tf.atan],
  ["sinh", tf.sinh],
  ["cosh", tf.cosh],
  ["asinh", tf.asinh],
  ["acosh", tf.acosh, { low: 1.6, high: 2.6 }],
  ["atanh", tf.atanh, { low: -0.6, high: 0.6 }],
  ["relu", tf.relu, { gap: 0.1 }],
  ["relu6", (x) => tf.relu6(tf.mul(x, 8)), { smooth: false }],
  ["relu6 between its corners", (x) => tf.relu6(tf.mul(x, 8)), { low: 0.1, high: 0.7 }],
  ["leaky relu", (x) => tf.leakyRelu(x, 0.3), { gap: 0.1 }],
  ["elu", tf.elu, { gap: 0.1 }],
  ["selu", tf.selu, { gap: 0.1 }],
  ["clip", (x) => tf.clipByValue(x, 0, 5), { gap: 0.1 }],
  ["sign", tf.sign, { gap: 0.1 }],
  ["step", (x) => tf.step(x), { gap: 0.1 }],
  ["step with a slope", (x) => tf.step(x, 0.3), { gap: 0.1 }],
  ["floor", (x) => tf.floor(tf.mul(x, 0.7)), { gap: 0.1 }],
  ["round", (x) => tf.round(tf.mul(x, 4)), { smooth: false }],
  ["sum over rows and columns", (x) => tf.sum(x, [1, 2])],
  ["sum over everything", (x) => tf.sum(x)],
  ["sum over channels, axes kept", (x) => tf.sum(x, -1, true)],
  ["mean over samples, rows, columns", (x) => tf.mean(x, [0, 1, 2])],
  ["max over channels", (x) => tf.max(x, 3)],
  ["min over rows", (x) => tf.min(x, 1)],
  ["product over columns", (x) => tf.prod(x, 2), { gap: 0.1 }],
  ["product that holds zeros", (x) => tf.prod(tf.slice(tf.relu(x), 0, [3, 2, 3, 2]), 2), flat],
  ["sum over no axes", (x) => tf.sum(x, [])],
  ["mean of a sum", (x) => tf.mean(tf.sum(x))],
  ["softmax", (x) => tf.softmax(x)],
  ["log softmax", (x) => tf.logSoftmax(x)],
  ["log of a sum of exponentials", (x) => tf.logSumExp(x, [1, 2])],
  ["cumulative sum", (x) => tf.cumsum(x, 1)],
  ["cumulative sum before each channel", (x) => tf.cumsum(x, 3, true)],
  ["cumulative sum from the last column", (x) => tf.cumsum(x, 2, false, true)],
  ["cumulative sum after each sample", (x) => tf.cumsum(x, 0, true, true)],
  ["reshape", (x) => tf.reshape(x, [-1, x.shape.at(-1)!])],
  ["expand", (x) => tf.expandDims(x, 2)],
  ["transpose", (x) => tf.transpose(x, [3, 0, 2, 1])],
  ["tile", (x) => tf.tile(x, [1, 2, 1, 3])],
  ["broadcast", (x) => tf.broadcastTo(tf.sum(x, 2, true), x.shape)],
  ["slice", (x) => tf.slice(x, [0, 1, 2, 0], [3, 3, 5, x.shape[3]!])],
  [
    "pad",
    (x) =>
      tf.pad(
        x,
        [
          [0, 0],
          [1, 2],
          [3, 0],
          [0, 1],
        ],
        0.6,
      ),
  ],
  ["reverse", (x) => tf.reverse(x, [1, 2])],
  ["split and weigh", (x) => tf.sub(...(tf.split(x, 2, 3) as [tf.Tensor, tf.Tensor]))],
  ["unstack and weigh", (x) => tf.mul(tf.unstack(x, 3)[1]!, tf.unstack(x, 3)[4]!)],
  ["cast", (x) => tf.mul(x, tf.cast(tf.greater(x, 0), "float32")), { gap: 0.1 }],
];

type Binary = readonly [string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor, Partial<Operation>?];

const positive = { low: 0.3, high: 2.6 };

const far = { gap: 0.1 };

const differ = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
  tf.logicalXor(tf.greater(a, 0), tf.less(b, 0));

const binary: readonly Binary[] = [
  ["add", tf.add],
  ["add several", (a, b) => tf.addN([a, b, a])],
  ["sub", tf.sub],
  ["mul", tf.mul],
  ["div", tf.div, positive],
  ["maximum", tf.maximum],
  ["minimum", tf.minimum],
  ["power", tf.pow, positive],
  ["squared difference", tf.squaredDifference],
  ["select", (a, b) => tf.where(tf.greater(a, 0), a, b), { gap: 0.1 }],
  ["concat", (a, b) => tf.concat([a, b, a], 2)],
  ["stack", (a, b) => tf.stack([a, b], 1)],
  ["select by a channel", (a, b) => tf.where(tf.greater(tf.slice(a, 0, [1]), 0), a, b), far],
  ["logical exclusive or", (a, b) => tf.mul(tf.cast(differ(a, b), "float32"), a), far],
  ["remainder", (a, b) => tf.mod(a, tf.mul(b, 0.3)), { smooth: false }],
];

function ofOne([name, apply, more]: Unary): Operation {
  return { name, shapes: [[3, 5, 7, 6]], apply: ([x]) => apply(x!), ...more };
}

function ofTwo([name, apply, more]: Binary): Operation {
  const shapes = [
    [3, 5, 7, 6],
    [3, 5, 7, 6],
  ];
  return { name, shapes, apply: ([a, b]) => apply(a!, b!), ...more };
}

const broadcastPairs: readonly number[][][] = [
  [[3, 5, 7, 6], [6]],
  [
    [3, 1, 1, 6],
    [3, 5, 7, 6],
  ],
  [[3, 5, 7, 6], []],
  [
    [1, 5, 1, 6],
    [3, 1, 7, 1],
  ],
];

const broadcasts: readonly Operation[] = broadcastPairs.flatMap((shapes) =>
  (
    [
      ["add", tf.add],
      ["sub", tf.sub],
      ["mul", tf.mul],
      ["div", tf.div],
    ] as const
  ).map(([name, apply]) => ({
    name: `${name} of [${shapes.join("] and [")}]`,
    shapes,
    ...positive,
    apply: ([a, b]: tf.Tensor[]) => apply(a!, b!),
  })),
);

const products: readonly Operation[] = [false, true].flatMap((ta) =>
  [false, true].map((tb) => ({
    name: `matrix product${ta ? " A'" : ""}${tb ? " B'" : ""}`,
    shapes: [
      [2, 3, ...(ta ? [24, 20] : [20, 24])],
      [2, 3, ...(tb ? [18, 24] : [24, 18])],
    ],
    apply: ([a, b]: tf.Tensor[]) => tf.matMul(a!, b!, ta, tb),
  })),
);

/** A leaky unit with slopes of its own: for everything, a channel, a pixel. */
const leaky: readonly Operation[] = [[], [6], [5, 7, 6]].map((slopes) => ({
  name: `leaky unit with slopes [${slopes}]`,
  shapes: [[3, 5, 7, 6], slopes],
  gap: 0.1,
  apply: ([x, alpha]) => tf.prelu(x!, alpha!),
}));

/** Normalisation by moments that are inputs too. */
const normalisation: Operation = {
  name: "normalisation by given moments",
  shapes: [[3, 5, 7, 6], [6], [6], [6], [6]],
  ...positive,
  apply: ([x, mean, variance, offset, scale]) =>
    tf.batchNorm(x!, mean as Vector, variance as Vector, offset as Vector, scale as Vector, 0.01),
};

type Vector = tf.Tensor1D;

/** Operations with a bias and a unit in one kernel. */
const joined: readonly Operation[] = [
  {
    name: "convolution with bias",
    shapes: [[2, 5, 6, 3], [3, 3, 3, 4], [4]],
    apply: ([x, filter, bias]) =>
      tf.fused.conv2d({ x: four(x!), filter: four(filter!), bias: bias!, strides: 1, pad: 1 }),
  },
  {
    name: "matrix product with bias",
    shapes: [[5, 6], [6, 4], [4]],
    apply: ([a, b, bias]) => tf.fused.matMul({ a: a!, b: b!, bias: bias! }),
  },
];

/** Elementwise functions, reductions, layout and matrix products. */
export const plainOperations: readonly Operation[] = [
  ...unary.map(ofOne),
  ...binary.map(ofTwo),
  ...broadcasts,
  ...leaky,
  normalisation,
  ...joined,
  ...products,
  ...selected,
  ...rounded,
];

/** Sizes, channels and windows of convolutions. */
interface Convolution {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
  readonly channels: readonly [number, number];
}

function convolutionOf({ size, kernel, stride, pad, channels }: Convolution): Operation {
  return {
    name: `conv ${kernel}x${kernel} stride ${stride} pad ${pad} on ${size} of ${channels}`,
    shapes: [
      [1, size, size + 1, channels[0]],
      [kernel, kernel, ...channels],
    ],
    apply: ([x, filter]) => tf.conv2d(four(x!), four(filter!), stride, pad),
  };
}

const windows = [1, 3, 5, 7].flatMap((kernel) =>
  [1, 2].flatMap((stride) =>
    [0, 1, 2, 3].flatMap((pad) => [8, 9].map((size) => ({ size, kernel, stride, pad }))),
  ),
);

/** Convolutions whose channels come in blocks, do not, or are those of an image. */
export const convolutions: readonly Operation[] = windows.flatMap((window) =>
  (
    [
      [32, 16],
      [6, 10],
      [3, 32],
    ] as const
  ).map((channels) => convolutionOf({ ...window, channels })),
);

/** Convolutions with one filter a channel, or several. */
export const depthwise: readonly Operation[] = [
  [3, 1, 1, 2],
  [3, 2, 1, 2],
  [3, 2, 0, 1],
  [5, 1, 2, 1],
  [5, 3, 0, 3],
  [1, 2, 0, 2],
  [2, 1, 2, 1],
].map(([size, stride, pad, filters]) => ({
  name: `depthwise conv ${size}x${size} stride ${stride} pad ${pad} with ${filters} a channel`,
  shapes: [
    [2, 9, 8, 12],
    [size!, size!, 12, filters!],
  ],
  apply: ([x, filter]: tf.Tensor[]) => tf.depthwiseConv2d(four(x!), four(filter!), stride!, pad!),
}));

/** Pooling with and without padding, overlapping and not; values with ties in the maximum. */
export const pools: readonly Operation[] = [
  [2, 2, 0],
  [3, 1, 1],
  [3, 2, 1],
  [3, 2, 0],
  [4, 3, 2],
  [1, 1, 0],
].flatMap(([size, stride, pad]) =>
  [8, 9].flatMap((side) => [
    {
      name: `max pool ${size} stride ${stride} pad ${pad} on ${side}`,
      shapes: [[2, side, side + 1, 6]],
      apply: ([x]: tf.Tensor[]) => tf.maxPool(four(x!), size!, stride!, pad!),
    },
    {
      name: `max pool of equal values ${size} stride ${stride} pad ${pad} on ${side}`,
      shapes: [[2, side, side + 1, 6]],
      smooth: false,
      apply: ([x]: tf.Tensor[]) => tf.maxPool(four(tf.relu(x!)), size!, stride!, pad!),
    },
    {
      name: `average pool ${size} stride ${stride} pad ${pad} on ${side}`,
      shapes: [[2, side, side + 1, 6]],
      apply: ([x]: tf.Tensor[]) => tf.avgPool(four(x!), size!, stride!, pad!),
    },
  ]),
);
