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

/** Entries of `values` at the first maximum of each window of `input`. */
function atMaxima(values: tf.Tensor, input: tf.Tensor, window: Window, shape: number[]): tf.Tensor {
  const { filterSize, strides, pad } = window;
  const { indexes } = tf.maxPoolWithArgmax(input as tf.Tensor4D, filterSize, strides, pad, true);
  const flat = tf.gather(tf.reshape(values, [-1]), tf.reshape(tf.cast(indexes!, "int32"), [-1]));
  return tf.reshape(flat, shape);
}

/**
 * Cotangents of pooling, first and second order; a maximum that repeats passes all to its first
 * place.
 */
export const pooling: readonly tf.GradConfig[] = [
  gradient<Window>(tf.AvgPool, { inputs: ["x"] }, (dy, [x], window) => ({
    x: () => averageToInput(dy, x, window),
  })),
  gradient<Window>(tf.AvgPoolGrad, { inputs: ["input"] }, (ddx, [input], window) => ({
    dy: () => averageFromInput(ddx, input, window),
    input: () => tf.zerosLike(input),
  })),
  gradient<Window>(tf.MaxPool, { inputs: ["x"], output: true }, (dy, [input, output], window) => ({
    x: () => runKernel(tf.MaxPoolGrad, { dy, input, output }, window),
  })),
  gradient<Window>(
    tf.MaxPoolGrad,
    { inputs: ["input", "output"] },
    (ddx, [input, output], window) => ({
      dy: () => atMaxima(ddx, input, window, output.shape),
      input: () => tf.zerosLike(input),
      output: () => tf.zerosLike(output),
    }),
  ),
];
