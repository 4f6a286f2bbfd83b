import * as tf from "../tf.js";
import { gradient, runKernel } from "./gradient.js";

type Window = {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: number | "valid" | "same";
};

type Shape4D = [number, number, number, number];

/** How many of a window's places lie inside the image, for each window along one axis. */
function inside(
  windows: number,
  stride: number,
  size: number,
  before: number,
  length: number,
): number[] {
  return Array.from({ length: windows }, (_, i) => {
    const start = i * stride - before;
    return Math.min(start + size, length) - Math.max(start, 0);
  });
}

/**
 * Share of each window that lies inside the image, `[1, height, width, 1]`, or undefined without
 * padding. Average pooling divides by the places inside; TensorFlow.js's kernel of its gradient
 * divides by all of them.
 */
function insideShare(shape: number[], { filterSize, strides, pad }: Window): tf.Tensor | undefined {
  const window = tf.backend_util.computePool2DInfo(shape as Shape4D, filterSize, strides, 1, pad);
  const { filterHeight, filterWidth, padInfo } = window;
  if (padInfo.top + padInfo.bottom + padInfo.left + padInfo.right === 0) return undefined;
  const rows = inside(
    window.outHeight,
    window.strideHeight,
    filterHeight,
    padInfo.top,
    window.inHeight,
  );
  const columns = inside(
    window.outWidth,
    window.strideWidth,
    filterWidth,
    padInfo.left,
    window.inWidth,
  );
  const shares = rows.flatMap((r) => columns.map((c) => (r * c) / (filterHeight * filterWidth)));
  return tf.tensor(shares, [1, rows.length, columns.length, 1], "float32");
}

function averageToInput(dy: tf.Tensor, input: tf.Tensor, window: Window): tf.Tensor {
  const share = insideShare(input.shape, window);
  const scaled = share === undefined ? dy : tf.div(dy, share);
  return runKernel(tf.AvgPoolGrad, { dy: scaled, input }, window);
}

function averageFromInput(ddx: tf.Tensor, input: tf.Tensor, window: Window): tf.Tensor {
  const share = insideShare(input.shape, window);
  const pooled = runKernel(tf.AvgPool, { x: ddx }, window);
  return share === undefined ? pooled : tf.mul(pooled, share);
}

/** Our kernel of the entries of `x` at the first maximum of each window of `input`. */
export const maxPoolPick = "MaxPoolPick";

/** Entries of `x` at the first maximum of each window of `input`; a backend may lack the kernel. */
function pick(x: tf.Tensor, input: tf.Tensor, window: Window): tf.Tensor {
  if (tf.getKernel(maxPoolPick, tf.getBackend()) !== undefined) {
    return runKernel(maxPoolPick, { x, input }, window);
  }
  const { filterSize, strides, pad } = window;
  const { indexes } = tf.maxPoolWithArgmax(input as tf.Tensor4D, filterSize, strides, pad, true);
  return tf.gather(tf.reshape(x, [-1]), tf.cast(indexes!, "int32"));
}

/**
 * Each entry of `dy` at the first maximum of its window of `input`, added up; else zeros. The
 * kernel wants an output of the pooling, of which only the shape counts.
 */
function putBack(dy: tf.Tensor, input: tf.Tensor, output: tf.Tensor, window: Window): tf.Tensor {
  return runKernel(tf.MaxPoolGrad, { dy, input, output }, window);
}

/** What kernels of pooling go by besides the signal on which they are linear. */
const still = (tensor: tf.Tensor) => (): tf.Tensor => tf.zerosLike(tensor);

/** The rule of a kernel with two outputs, of which the places have no smooth cotangent. */
const withPlaces: tf.GradConfig = {
  kernelName: tf.MaxPoolWithArgmax,
  inputsToSave: ["x"],
  outputsToSave: [true, false],
  gradFunc: (dys, saved, window) => {
    const [dy] = dys as tf.Tensor[];
    const [x, y] = saved as [tf.Tensor, tf.Tensor];
    return { x: () => putBack(dy!, x, y, window as Window) };
  },
};

/**
 * Cotangents of pooling of any order; a maximum that repeats passes all to its first place.
 */
export const pooling: readonly tf.GradConfig[] = [
  gradient<Window>(tf.AvgPool, { inputs: ["x"] }, (dy, [x], window) => ({
    x: () => averageToInput(dy, x, window),
  })),
  gradient<Window>(tf.AvgPoolGrad, { inputs: ["input"] }, (ddx, [input], window) => ({
    dy: () => averageFromInput(ddx, input, window),
    input: still(input),
  })),
  gradient<Window>(tf.MaxPool, { inputs: ["x"], output: true }, (dy, [input, output], window) => ({
    x: () => putBack(dy, input, output, window),
  })),
  gradient<Window>(
    tf.MaxPoolGrad,
    { inputs: ["input", "output"] },
    (ddx, [input, output], window) => ({
      dy: () => pick(ddx, input, window),
      input: still(input),
      output: still(output),
    }),
  ),
  gradient<Window>(
    maxPoolPick,
    { inputs: ["input"], output: true },
    (dy, [input, output], window) => ({
      x: () => putBack(dy, input, output, window),
      input: still(input),
    }),
  ),
  withPlaces,
];
