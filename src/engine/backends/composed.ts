import * as tf from "../tf.js";

type Call = Parameters<tf.KernelFunc>[0];

/** A kernel that is nothing but a few others. */
export interface Composed {
  readonly name: string;
  readonly run: tf.KernelFunc;
}

/** Inputs that the engine hands on are whole tensors. */
type Tensors = Readonly<Record<string, tf.Tensor | undefined>>;

/** A kernel by operations of TensorFlow.js, each of which is recorded. */
function composed<Given extends tf.NamedAttrMap>(
  name: string,
  work: (inputs: Tensors, given: Given) => tf.Tensor,
): Composed {
  return {
    name,
    run: ({ inputs, attrs }: Call) => tf.tidy(() => work(inputs as Tensors, attrs as Given)),
  };
}

/** What may follow a convolution or product in one kernel. */
type After = { activation?: string; leakyreluAlpha?: number };

const units: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  linear: (x) => x,
  relu: tf.relu,
  relu6: tf.relu6,
  elu: tf.elu,
  sigmoid: tf.sigmoid,
};

function activated(
  x: tf.Tensor,
  { activation = "linear", leakyreluAlpha }: After,
  slope?: tf.Tensor,
) {
  if (activation === "leakyrelu") return tf.leakyRelu(x, leakyreluAlpha);
  if (activation === "prelu" && slope !== undefined) return tf.prelu(x, slope);
  const unit = units[activation];
  if (unit === undefined) throw new Error(`the activation "${activation}" is unknown`);
  return unit(x);
}

function finished(x: tf.Tensor, { bias, preluActivationWeights }: Tensors, after: After) {
  return activated(bias === undefined ? x : tf.add(x, bias), after, preluActivationWeights);
}

type Window = After & {
  strides: number | [number, number];
  pad: number | "valid" | "same";
  dataFormat: "NHWC" | "NCHW";
  dilations: number | [number, number];
  dimRoundingMode?: "floor" | "round" | "ceil";
};

const convolution = (name: string, forward: string): Composed =>
  composed<Window>(name, (inputs, given) => {
    const { x, filter } = inputs as Record<string, tf.Tensor>;
    const { activation, leakyreluAlpha, ...window } = given;
    const y: tf.Tensor = tf.engine().runKernel(forward, { x: x!, filter: filter! }, window);
    return finished(y, inputs, given);
  });

const product = composed<After & { transposeA: boolean; transposeB: boolean }>(
  tf._FusedMatMul,
  (inputs, given) => {
    const { transposeA, transposeB } = given;
    return finished(tf.matMul(inputs["a"]!, inputs["b"]!, transposeA, transposeB), inputs, given);
  },
);

const normalisation = composed<{ varianceEpsilon: number }>(
  tf.FusedBatchNorm,
  ({ x, mean, variance, scale, offset }, { varianceEpsilon }) => {
    const deviation = tf.rsqrt(tf.add(variance!, varianceEpsilon));
    const factor = scale === undefined ? deviation : tf.mul(deviation, scale);
    const scaled = tf.mul(tf.sub(x!, mean!), factor);
    return offset === undefined ? scaled : tf.add(scaled, offset);
  },
);

/** Kernels that are made of others, which are recorded in their place. */
export const composedKernels: readonly Composed[] = [
  convolution(tf.FusedConv2D, tf.Conv2D),
  convolution(tf.FusedDepthwiseConv2D, tf.DepthwiseConv2dNative),
  product,
  normalisation,
];
