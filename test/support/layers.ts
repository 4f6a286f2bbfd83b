import type { Key } from "../../src/core/random.js";
import { fold, keyOf, normal, permutation, uniform } from "../../src/core/random.js";
import type { Shape } from "../../src/core/shape.js";
import { sizeOf } from "../../src/core/shape.js";
import * as tf from "../../src/engine/tf.js";
import type { Initializer } from "../../src/initializers/initializer.js";
import type { Context, Layer, Parameters } from "../../src/layers/index.js";
import {
  activation,
  averagePool,
  batchNorm,
  constantScale,
  conv2d,
  dense,
  dropout,
  globalAveragePool,
  identity,
  maxPool,
  relu,
  residual,
  scalarBias,
  scalarScale,
  scaledStandardConv2d,
  serial,
  srelu,
  subsample,
} from "../../src/layers/index.js";

/**
 * Independent normal entries of standard deviation 0.3: small enough that differences see little
 * curvature.
 */
export const gaussian: Initializer = {
  name: "gaussian",
  sample: (shape, key) => normal(key, sizeOf(shape)).map((z) => 0.3 * z),
};

/** A layer on a small input, and what a law must know of it. */
export interface LayerCase {
  readonly title: string;
  /** The file of `src/layers` it stands for, without ".ts". */
  readonly file: string;
  readonly layer: Layer;
  readonly inShape: Shape;
  readonly context?: Partial<Context>;
  /** An open interval that inputs keep out of, so that differences do not cross a kink. */
  readonly gap?: readonly [number, number];
  /**
   * Values of a channel are at least 0.1 apart, so that differences do not change which one is
   * largest.
   */
  readonly distinct?: boolean;
  /** An image's result depends on the others of its batch. */
  readonly coupled?: boolean;
}

const image = [5, 6, 4];
const key = keyOf(17);
const initializer = gaussian;

const convolutions: readonly LayerCase[] = [
  { title: "3x3", layer: conv2d({ filters: 6, initializer }) },
  {
    title: "3x3, stride 2, bias",
    layer: conv2d({ filters: 6, stride: 2, initializer, bias: gaussian }),
  },
  { title: "1x1, stride 2", layer: conv2d({ filters: 6, size: 1, stride: 2, initializer }) },
  {
    title: "5x5, stride 2, two groups, bias",
    layer: conv2d({ filters: 6, size: 5, stride: 2, groups: 2, initializer, bias: gaussian }),
  },
  {
    title: "3x3 without padding, depthwise",
    layer: conv2d({ filters: 4, padding: 0, groups: 4, initializer }),
  },
].map((one) => ({
  ...one,
  title: `conv2d ${one.title}`,
  file: "conv2d",
  inShape: image,
}));

const standardised: readonly LayerCase[] = [
  {
    title: "3x3, stride 2, gain, bias",
    layer: scaledStandardConv2d({
      filters: 6,
      stride: 2,
      initializer,
      gain: gaussian,
      bias: gaussian,
      gamma: 1.3,
    }),
  },
  {
    title: "3x3, two groups",
    layer: scaledStandardConv2d({ filters: 6, groups: 2, initializer }),
  },
].map((one) => ({
  ...one,
  title: `scaled-standard-conv2d ${one.title}`,
  file: "scaled-standard-conv2d",
  inShape: image,
}));

const nearZero = [-0.1, 0.1] as const;

const activations: readonly LayerCase[] = [
  { layer: activation("relu"), gap: nearZero },
  { layer: activation("tanh") },
  { layer: activation("silu") },
  { layer: activation("gelu") },
  { layer: activation("elu"), gap: nearZero },
  { layer: activation("selu"), gap: nearZero },
  { layer: activation("leaky-relu"), gap: nearZero },
  { layer: activation("softplus") },
  { layer: activation("identity") },
].map((one) => ({
  ...one,
  title: one.layer.kind,
  file: `activations/${one.layer.kind}`,
  inShape: image,
}));

const pools: readonly LayerCase[] = [
  { file: "average-pool", layer: averagePool({ size: 2 }), title: "average-pool 2x2" },
  {
    file: "average-pool",
    layer: averagePool({ size: 3, stride: 2, padding: 1 }),
    title: "average-pool 3x3, stride 2, padding 1",
  },
  { file: "max-pool", layer: maxPool({ size: 2 }), title: "max-pool 2x2", distinct: true },
  {
    file: "max-pool",
    layer: maxPool({ size: 3, stride: 2, padding: 1 }),
    title: "max-pool 3x3, stride 2, padding 1",
    distinct: true,
  },
  { file: "global-average-pool", layer: globalAveragePool(), title: "global-average-pool" },
  {
    file: "subsample",
    layer: subsample({ stride: 2, channels: 7 }),
    title: "subsample stride 2, 4 to 7 channels",
  },
  {
    file: "subsample",
    layer: subsample({ stride: 1, channels: 4 }),
    title: "subsample of nothing",
  },
].map((one) => ({ ...one, inShape: image }));

const scalars: readonly LayerCase[] = [
  { file: "scalar-scale", layer: scalarScale({ initial: 0.6 }) },
  { file: "scalar-scale", layer: scalarScale({ initial: 1.3, trainable: false }) },
  { file: "scalar-bias", layer: scalarBias({ initial: 0.6 }) },
  { file: "constant-scale", layer: constantScale({ factor: 0.6 }) },
  { file: "identity", layer: identity() },
  { file: "relu", layer: relu(), gap: nearZero },
  { file: "activation", layer: activation("tanh") },
].map((one, i) => ({ ...one, title: `${one.file} (${i})`, inShape: image }));

const branch = serial({
  conv1: conv2d({ filters: 4, initializer }),
  tanh: activation("tanh"),
  conv2: conv2d({ filters: 6, stride: 2, initializer }),
});

const combinators: readonly LayerCase[] = [
  {
    title: "serial of two convolutions",
    file: "serial",
    layer: branch,
    inShape: image,
  },
  {
    title: "serial down to units",
    file: "serial",
    layer: serial({ pool: globalAveragePool(), dense: dense({ units: 3, initializer }) }),
    inShape: image,
  },
  {
    title: "residual with a projection, a scaled sum and an activation",
    file: "residual",
    layer: residual({
      branch,
      shortcut: conv2d({ filters: 6, size: 1, stride: 2, initializer }),
      scale: Math.SQRT1_2,
      after: activation("tanh"),
    }),
    inShape: image,
  },
  {
    title: "residual, pre-activated, subsampled shortcut of the activated signal",
    file: "residual",
    layer: residual({
      pre: activation("silu"),
      branch: serial({ conv: branch, scale: scalarScale({ initial: 0.6 }) }),
      shortcut: subsample({ stride: 2, channels: 6 }),
      shortcutInput: "activated",
    }),
    inShape: image,
  },
];

const others: readonly LayerCase[] = [
  {
    title: "dense with bias",
    file: "dense",
    layer: dense({ units: 5, initializer, bias: gaussian }),
    inShape: [7],
  },
  {
    title: "dense without bias",
    file: "dense",
    layer: dense({ units: 5, initializer }),
    inShape: [7],
  },
  // Thresholds are drawn from [-1.3, -0.7].
  { title: "srelu", file: "srelu", layer: srelu(), inShape: image, gap: [-1.4, -0.6] },
  {
    title: "srelu fixed, on features",
    file: "srelu",
    layer: srelu({ initial: -0.6, trainable: false }),
    inShape: [7],
    gap: [-1, -0.2],
  },
  {
    title: "batch-norm of the batch",
    file: "batch-norm",
    layer: batchNorm({ scale: 0.6 }),
    inShape: image,
    coupled: true,
  },
  {
    title: "batch-norm of the batch, on features",
    file: "batch-norm",
    layer: batchNorm({ epsilon: 1e-2 }),
    inShape: [7],
    coupled: true,
  },
  {
    title: "batch-norm of running values",
    file: "batch-norm",
    layer: batchNorm(),
    inShape: image,
    context: { statistics: "running" },
  },
  { title: "dropout off", file: "dropout", layer: dropout({ rate: 0.3 }), inShape: image },
  {
    title: "dropout in training",
    file: "dropout",
    layer: dropout({ rate: 0.3 }),
    inShape: image,
    context: { training: true },
    coupled: true,
  },
];

/** At least one case for every file of the layers' folders. */
export const layerCases: readonly LayerCase[] = [
  ...convolutions,
  ...standardised,
  ...activations,
  ...pools,
  ...scalars,
  ...combinators,
  ...others,
];

/** A context in which nothing is random or tapped unless said. */
export function contextOf(given: Partial<Context> = {}): Context {
  return { training: false, statistics: "batch", key, tap: (_name, x) => x, ...given };
}

/** A float32 tensor of float64 values. */
export function tensorOf(values: ArrayLike<number>, shape: Shape): tf.Tensor {
  return tf.tensor(Float32Array.from(values), [...shape], "float32");
}

/**
 * Parameters near their start: each entry moved by up to 0.3, so that none keeps a neutral value.
 */
export function movedParameters(layer: Layer, inShape: Shape, from: Key): Parameters {
  const entries = layer.parameters(inShape).map((spec): [string, tf.Tensor] => {
    const start = spec.initializer.sample(spec.shape, fold(from, spec.name));
    const moves = uniform(fold(from, `${spec.name} moved`), start.length, -0.3, 0.3);
    return [
      spec.name,
      tensorOf(
        start.map((value, i) => value + moves[i]!),
        spec.shape,
      ),
    ];
  });
  return Object.fromEntries(entries);
}

/** A layer as a function of its input and of parameters. */
export interface LayerFunction {
  /** Of the parameters. */
  readonly names: readonly string[];
  /** Input and parameters. */
  readonly at: readonly tf.Tensor[];
  run(...values: tf.Tensor[]): tf.Tensor;
}

/**
 * A case as a function of its input and its parameters, those that are trained or all of them. Its
 * result is a copy, so that cotangents pass through a layer that returns its input itself.
 */
export function layerFunction(
  one: LayerCase,
  batch: number,
  from: Key,
  which: "trained" | "all" = "trained",
): LayerFunction {
  const { layer, inShape, title } = one;
  const parameters = movedParameters(layer, inShape, fold(from, title));
  const specs = layer.parameters(inShape).filter((spec) => which === "all" || spec.trainable);
  const names = specs.map(({ name }) => name);
  const input = inputOf(one, batch, fold(from, `${title} input`));
  return {
    names,
    at: [input, ...names.map((name) => parameters[name]!)],
    run: (x, ...values) => {
      const changed = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
      return tf.clone(layer.apply(x!, { ...parameters, ...changed }, contextOf(one.context)));
    },
  };
}

/** A cotangent of a case's output, of normal numbers. */
export function cotangentOf({ layer, inShape, title }: LayerCase, batch: number, from: Key) {
  const shape = [batch, ...layer.outShape(inShape)];
  return tensorOf(normal(fold(from, `${title} u`), sizeOf(shape)), shape);
}

function outside(value: number, gap: readonly [number, number] | undefined): number {
  if (gap === undefined || value <= gap[0] || value >= gap[1]) return value;
  const middle = (gap[0] + gap[1]) / 2;
  return value < middle ? value - (gap[1] - gap[0]) / 2 : value + (gap[1] - gap[0]) / 2;
}

/** Within every channel of an image a shuffled grid of spacing 0.1 around 0. */
function distinctValues(batch: number, inShape: Shape, from: Key): Float64Array {
  const channels = inShape.at(-1)!;
  const places = sizeOf(inShape) / channels;
  const values = new Float64Array(batch * places * channels);
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      const order = permutation(fold(from, `${n} ${c}`), places);
      order.forEach((rank, p) => {
        values[(n * places + p) * channels + c] = 0.1 * (rank - places / 2);
      });
    }
  }
  return values;
}

/** A batch for a case, `[batch, ...inShape]`, away from its kinks. */
export function inputOf(one: LayerCase, batch: number, from: Key): tf.Tensor {
  const shape = [batch, ...one.inShape];
  const values = one.distinct
    ? distinctValues(batch, one.inShape, from)
    : normal(from, sizeOf(shape)).map((value) => outside(value, one.gap));
  return tensorOf(values, shape);
}

/** The values of a tensor as float64. */
export function valuesOf(x: tf.Tensor): Float64Array {
  return Float64Array.from(x.dataSync());
}

/** Inner product in float64. */
export function inner(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Largest absolute value. */
export function largest(a: ArrayLike<number>): number {
  return Array.from(a).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** Largest absolute difference of two equally long lists. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return largest(Float64Array.from(a, (value, i) => value - b[i]!));
}
