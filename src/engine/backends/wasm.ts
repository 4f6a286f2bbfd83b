import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import * as tf from "../tf.js";
import { registerCpu } from "./cpu.js";
import { inJavaScript, registerFallbacks } from "./fallback.js";

const wasm = "wasm";

type Window = {
  strides: number | [number, number];
  pad: number | "valid" | "same";
  dimRoundingMode?: "floor" | "round" | "ceil";
};

type Shape4D = [number, number, number, number];

/**
 * What two kernels of convolutions need: the tensors that the engine hands on are whole tensors.
 */
type Tensors = Record<string, tf.Tensor4D>;

type Info = tf.backend_util.Conv2DInfo;

function infoOf(inShape: number[], filterShape: number[], window: Window): Info {
  const { strides, pad, dimRoundingMode } = window;
  return tf.backend_util.computeConv2DInfo(
    inShape as Shape4D,
    filterShape as Shape4D,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
}

/**
 * `dy` with zeros between its pixels, as far apart as the stride: `[n, (oh-1) s + 1, (ow-1) s + 1,
 * m]`.
 */
function spreadOut(dy: tf.Tensor4D, { strideHeight, strideWidth }: Info): tf.Tensor4D {
  if (strideHeight === 1 && strideWidth === 1) return dy;
  const [batch, height, width, channels] = dy.shape;
  const apart = tf.pad(tf.reshape(dy, [batch, height, 1, width, channels]), [
    [0, 0],
    [0, 0],
    [0, strideHeight - 1],
    [0, 0],
    [0, 0],
  ]);
  const rows = tf.reshape(apart, [batch, height * strideHeight, width, 1, channels]);
  const both = tf.pad(rows, [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, strideWidth - 1],
    [0, 0],
  ]);
  const whole: Shape4D = [batch, height * strideHeight, width * strideWidth, channels];
  const inside: Shape4D = [
    batch,
    (height - 1) * strideHeight + 1,
    (width - 1) * strideWidth + 1,
    channels,
  ];
  return tf.slice<tf.Rank.R4, tf.Tensor4D>(tf.reshape(both, whole), [0, 0, 0, 0], inside);
}

/** Adds zeros around the pixels, or cuts pixels off where a margin is negative. */
function margins(x: tf.Tensor4D, rows: [number, number], columns: [number, number]): tf.Tensor4D {
  const cut = [rows, columns].map(([before, after]) => [Math.min(before, 0), Math.min(after, 0)]);
  const [[top, bottom], [left, right]] = cut as [[number, number], [number, number]];
  const [batch, height, width, channels] = x.shape;
  const size: Shape4D = [batch, height + top + bottom, width + left + right, channels];
  const add = ([before, after]: [number, number]): [number, number] => [
    Math.max(before, 0),
    Math.max(after, 0),
  ];
  const kept = tf.slice(x, [0, -top, -left, 0], size);
  return tf.pad(kept, [[0, 0], add(rows), add(columns), [0, 0]]);
}

/** The input's cotangent as a convolution of the spread-out `dy` with the turned filter. */
function inputCotangent(dy: tf.Tensor4D, filter: tf.Tensor4D, info: Info): tf.Tensor4D {
  const { filterHeight, filterWidth, padInfo, inHeight, inWidth } = info;
  const spread = spreadOut(dy, info);
  const top = filterHeight - 1 - padInfo.top;
  const left = filterWidth - 1 - padInfo.left;
  const image = margins(
    spread,
    [top, inHeight + filterHeight - 1 - top - spread.shape[1]],
    [left, inWidth + filterWidth - 1 - left - spread.shape[2]],
  );
  const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
  return tf.conv2d(image, turned, 1, "valid");
}

/**
 * The filter's cotangent as a convolution of the input with `dy`, samples in the place of channels.
 */
function filterCotangent(x: tf.Tensor4D, dy: tf.Tensor4D, info: Info): tf.Tensor4D {
  const { padInfo, filterShape, strideHeight, strideWidth, inChannels, outChannels } = info;
  const [height, width] = filterShape as Shape4D;
  const image = margins(x, [padInfo.top, padInfo.bottom], [padInfo.left, padInfo.right]);
  const planes = tf.transpose(image, [3, 1, 2, 0]);
  const weights = tf.transpose(dy, [1, 2, 0, 3]);
  const dilations: [number, number] = [strideHeight, strideWidth];
  const taps = tf.conv2d(planes, weights, 1, "valid", "NHWC", dilations);
  const wanted = tf.slice(taps, [0, 0, 0, 0], [inChannels, height, width, outChannels]);
  return tf.transpose(wanted, [1, 2, 0, 3]);
}

const toInput: tf.KernelFunc = ({ inputs, attrs }) =>
  tf.tidy(() => {
    const { dy, filter } = inputs as Tensors;
    const window = attrs as Window & { inputShape: number[] };
    return inputCotangent(dy!, filter!, infoOf(window.inputShape, filter!.shape, window));
  });

const toFilter: tf.KernelFunc = ({ inputs, attrs }) =>
  tf.tidy(() => {
    const { x, dy } = inputs as Tensors;
    const window = attrs as Window & { filterShape: number[] };
    return filterCotangent(x!, dy!, infoOf(x!.shape, window.filterShape, window));
  });

function register(kernelName: string, kernelFunc: tf.KernelFunc): void {
  if (tf.getKernel(kernelName, wasm) !== undefined) tf.unregisterKernel(kernelName, wasm);
  tf.registerKernel({ kernelName, backendName: wasm, kernelFunc });
}

/**
 * Kernels of the package that are wrong: pooling takes the maximum of a window of negative numbers
 * to be at its start, gathering mixes up the samples of a batch, one-hot rows round their numbers,
 * and whole numbers divided by 0 stop the program.
 */
const wrongHere = [
  tf.MaxPoolGrad,
  tf.MaxPoolWithArgmax,
  tf.GatherV2,
  tf.OneHot,
  tf.FloorDiv,
  tf.Mod,
];

type Call = Parameters<tf.KernelFunc>[0];

const ofFloats =
  (input: string) =>
  ({ inputs }: Call): boolean =>
    inputs[input]?.dtype === "float32";

/** Kernels of the package that are right for some calls alone, and for which. */
const rightFor: Readonly<Record<string, (call: Call) => boolean>> = {
  [tf.ClipByValue]: ofFloats("x"),
  [tf.Select]: ofFloats("t"),
  [tf.Reverse]: ofFloats("x"),
  [tf.Cast]: ({ attrs }) => attrs?.["dtype"] !== "bool",
};

/** Leaves the other calls to JavaScript. */
function keepTo(isRight: (call: Call) => boolean, kernelName: string): void {
  const given = tf.getKernel(kernelName, wasm);
  const forOthers = inJavaScript(kernelName, wasm);
  tf.unregisterKernel(kernelName, wasm);
  tf.registerKernel({
    ...given,
    kernelFunc: (call) => (isRight(call) ? given.kernelFunc(call) : forOthers(call)),
  });
}

let registered = false;

/**
 * Makes the backend "wasm" known to TensorFlow.js and gives it the kernels that it lacks. It has
 * one thread in Node.
 * Errors thrown: whatever the loader says when the package is not there.
 */
export async function registerWasm(): Promise<void> {
  if (registered) return;
  registerCpu();
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  const main = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(dirname(main) + sep);
  register(tf.Conv2DBackpropInput, toInput);
  register(tf.Conv2DBackpropFilter, toFilter);
  for (const name of wrongHere) tf.unregisterKernel(name, wasm);
  for (const [name, isRight] of Object.entries(rightFor)) keepTo(isRight, name);
  registerFallbacks(wasm);
  registered = true;
}
