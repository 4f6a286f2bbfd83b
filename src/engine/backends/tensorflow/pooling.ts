import * as tf from "../../tf.js";
import { type Attributes, operation } from "./operation.js";
import {
  cropped,
  explicitPlacement,
  type Placement,
  padded,
  paddedShape,
  placementOf,
} from "./window.js";

type Shape4D = [number, number, number, number];

type Window = {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: number | "valid" | "same";
  dimRoundingMode?: "floor" | "round" | "ceil";
};

interface Plan {
  readonly info: tf.backend_util.Conv2DInfo;
  readonly place: Placement;
  readonly attributes: Attributes;
}

/** `padding` is the one TensorFlow shall use on the image that the kernel gives it. */
function attributesOf(info: tf.backend_util.Conv2DInfo, padding: Placement["padding"]): Attributes {
  return {
    ksize: [1, info.filterHeight, info.filterWidth, 1],
    strides: [1, info.strideHeight, info.strideWidth, 1],
    padding,
    data_format: "NHWC",
  };
}

function planOf(shape: readonly number[], window: Window): Plan {
  const { filterSize, strides, pad, dimRoundingMode } = window;
  const info = tf.backend_util.computePool2DInfo(
    shape as Shape4D,
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const place = placementOf(info, { height: info.filterHeight, width: info.filterWidth });
  return { info, place, attributes: attributesOf(info, place.padding) };
}

type Tensors = Record<string, tf.Tensor4D>;

/** Fills the places outside the image: smaller than every maximum. */
const lowest = Number.NEGATIVE_INFINITY;

const maximum: tf.KernelFunc = ({ inputs, attrs, backend }) =>
  tf.tidy(() => {
    const { x } = inputs as Tensors;
    const { place, attributes } = planOf(x!.shape, attrs as Window);
    const image = padded(x!, place, lowest);
    return operation(backend as tf.KernelBackend, tf.MaxPool, attributes, [image]);
  });

const maximumToInput: tf.KernelFunc = ({ inputs, attrs, backend }) =>
  tf.tidy(() => {
    const { dy, input, output } = inputs as Tensors;
    const { place, attributes } = planOf(input!.shape, attrs as Window);
    const given = [padded(input!, place, lowest), output!, dy!];
    const whole = operation(backend as tf.KernelBackend, tf.MaxPoolGrad, attributes, given);
    return cropped(whole, input!.shape, place);
  });

/** Places of each window that lie inside an image, divided by all of them, `[1, h, w, 1]`. */
function insideShare(
  shape: readonly number[],
  place: Placement,
  backend: tf.KernelBackend,
  attributes: Attributes,
) {
  const [, height = 0, width = 0] = shape;
  const ones = padded(tf.ones([1, height, width, 1]), place);
  return operation(backend, tf.AvgPool, attributes, [ones]);
}

/** Means over the places inside the image, as TensorFlow takes them under its own padding. */
const average: tf.KernelFunc = ({ inputs, attrs, backend }) =>
  tf.tidy(() => {
    const { x } = inputs as Tensors;
    const own = backend as tf.KernelBackend;
    const { place, attributes } = planOf(x!.shape, attrs as Window);
    const image = padded(x!, place);
    const means = operation(own, tf.AvgPool, attributes, [image]);
    if (image === x) return means;
    return tf.div(means, insideShare(x!.shape, place, own, attributes));
  });

/**
 * Spreads each cotangent over all places of its window, those outside the image too, as the kernel
 * of this name does in TensorFlow.js; TensorFlow's own padding counts the inner ones only.
 */
const averageToInput: tf.KernelFunc = ({ inputs, attrs, backend }) =>
  tf.tidy(() => {
    const { dy, input } = inputs as Tensors;
    const { info } = planOf(input!.shape, attrs as Window);
    const reach = { height: info.filterHeight, width: info.filterWidth };
    const place = explicitPlacement(info, reach);
    const image = tf.tensor1d(paddedShape(input!.shape, place), "int32");
    const attributes = attributesOf(info, "VALID");
    const own = backend as tf.KernelBackend;
    const whole = operation(own, tf.AvgPoolGrad, attributes, [image, dy!]);
    return cropped(whole, input!.shape, place);
  });

/** Pools and their cotangents with any symmetric padding; tfjs-node's know none by numbers. */
export const pools: Readonly<Record<string, tf.KernelFunc>> = {
  [tf.MaxPool]: maximum,
  [tf.MaxPoolGrad]: maximumToInput,
  [tf.AvgPool]: average,
  [tf.AvgPoolGrad]: averageToInput,
};
