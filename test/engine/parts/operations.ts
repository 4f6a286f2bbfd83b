import * as tf from "../../../src/engine/tf.js";

/** One operation on tensors of the given shapes, with inputs between `low` and `high`. */
export interface Operation {
  readonly name: string;
  readonly shapes: readonly number[][];
  readonly low?: number;
  readonly high?: number;
  /** Inputs keep that far from 0, where the function has a corner. */
  readonly gap?: number;
  /** The function is piecewise constant or linear in every input's sign only; skip differences. */
  readonly smooth?: boolean;
  apply(inputs: tf.Tensor[]): tf.Tensor;
}

/** A repeatable number from 0 to 1 for each place. */
function fraction(place: number, seed: number): number {
  const wave = Math.sin(place * 12.9898 + seed * 78.233) * 43758.5453;
  return wave - Math.floor(wave);
}

/** Repeatable values between `low` and `high`, none nearer to 0 than `gap`. */
export function values(shape: number[], seed: number, low = -1.3, high = 1.3, gap = 0): tf.Tensor {
  const data = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, place) => {
    const value = low + (high - low) * fraction(place, seed);
    return Math.abs(value) < gap ? value + Math.sign(value || 1) * gap : value;
  });
  return tf.tensor(data, shape);
}

/** The inputs of an operation. */
export function inputsOf({ shapes, low, high, gap }: Operation): tf.Tensor[] {
  return shapes.map((shape, i) => values(shape, i + 1, low, high, gap));
}

const four = (x: tf.Tensor): tf.Tensor4D => x as tf.Tensor4D;

type Unary = readonly [string, (x: tf.Tensor) => tf.Tensor, Partial<Operation>?];

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
  ["relu", tf.relu, { gap: 0.1 }],
  ["leaky relu", (x) => tf.leakyRelu(x, 0.3), { gap: 0.1 }],
  ["elu", tf.elu, { gap: 0.1 }],
  ["selu", tf.selu, { gap: 0.1 }],
  ["clip", (x) => tf.clipByValue(x, 0, 5), { gap: 0.1 }],
  ["sign", tf.sign, { gap: 0.1 }],
  ["step", (x) => tf.step(x), { gap: 0.1 }],
  ["floor", (x) => tf.floor(tf.mul(x, 0.7)), { gap: 0.1 }],
  ["sum over rows and columns", (x) => tf.sum(x, [1, 2])],
  ["sum over everything", (x) => tf.sum(x)],
  ["sum over channels, axes kept", (x) => tf.sum(x, -1, true)],
  ["mean over samples, rows, columns", (x) => tf.mean(x, [0, 1, 2])],
  ["max over channels", (x) => tf.max(x, 3)],
  ["min over rows", (x) => tf.min(x, 1)],
  ["softmax", (x) => tf.softmax(x)],
  ["log softmax", (x) => tf.logSoftmax(x)],
  ["log of a sum of exponentials", (x) => tf.logSumExp(x, [1, 2])],
  ["cumulative sum", (x) => tf.cumsum(x, 1)],
  ["reshape", (x) => tf.reshape(x, [-1, 6])],
  ["expand", (x) => tf.expandDims(x, 2)],
  ["transpose", (x) => tf.transpose(x, [3, 0, 2, 1])],
  ["tile", (x) => tf.tile(x, [1, 2, 1, 3])],
  ["broadcast", (x) => tf.broadcastTo(tf.sum(x, 2, true), [3, 5, 7, 6])],
  ["slice", (x) => tf.slice(x, [0, 1, 2, 0], [3, 3, 5, 6])],
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
  ["gather rows", (x) => tf.gather(x, tf.tensor1d([4, 0, 0, 2], "int32"), 1)],
];

type Binary = readonly [string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor, Partial<Operation>?];

const positive = { low: 0.3, high: 2.6 };

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

/** Elementwise functions, reductions, layout and matrix products. */
export const plainOperations: readonly Operation[] = [
  ...unary.map(ofOne),
  ...binary.map(ofTwo),
  ...broadcasts,
  ...products,
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

/** Convolutions with a filter a channel. */
export const depthwise: readonly Operation[] = [1, 2].map((stride) => ({
  name: `depthwise conv 3x3 stride ${stride}`,
  shapes: [
    [2, 9, 8, 12],
    [3, 3, 12, 2],
  ],
  apply: ([x, filter]: tf.Tensor[]) => tf.depthwiseConv2d(four(x!), four(filter!), stride, 1),
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
