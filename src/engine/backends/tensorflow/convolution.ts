import * as tf from "../../tf.js";
import { type Attributes, operation } from "./operation.js";
import { cropped, type Placement, padded, paddedShape, placementOf } from "./window.js";

type Shape4D = [number, number, number, number];

type Window = {
  strides: number | [number, number];
  pad: number | "valid" | "same";
  dilations?: number | [number, number];
  dimRoundingMode?: "floor" | "round" | "ceil";
};

/** What a kernel of a convolution knows before it runs. */
interface Plan {
  readonly place: Placement;
  readonly attributes: Attributes;
}

function planOf(
  inShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dilations, dimRoundingMode }: Window,
  depthwise: boolean,
): Plan {
  const info = tf.backend_util.computeConv2DInfo(
    inShape as Shape4D,
    filterShape as Shape4D,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    depthwise,
  );
  const place = placementOf(info, {
    height: info.effectiveFilterHeight,
    width: info.effectiveFilterWidth,
  });
  return {
    place,
    attributes: {
      strides: [1, info.strideHeight, info.strideWidth, 1],
      dilations: [1, info.dilationHeight, info.dilationWidth, 1],
      padding: place.padding,
      data_format: "NHWC",
    },
  };
}

/** The kernels that TensorFlow names alike for dense and for depthwise convolutions. */
interface Family {
  readonly forward: string;
  readonly toInput: string;
  readonly toFilter: string;
  readonly depthwise: boolean;
}

/**
 * The engine hands whole tensors on to kernels. A name of a kernel in TensorFlow.js is that of the
 * operation in TensorFlow.
 */
type Tensors = Record<string, tf.Tensor4D>;

const sizes = (shape: readonly number[]) => tf.tensor1d([...shape], "int32");

function forward({ forward: name, depthwise }: Family): tf.KernelFunc {
  return ({ inputs, attrs, backend }) =>
    tf.tidy(() => {
      const { x, filter } = inputs as Tensors;
      const { place, attributes } = planOf(x!.shape, filter!.shape, attrs as Window, depthwise);
      return operation(backend as tf.KernelBackend, name, attributes, [padded(x!, place), filter!]);
    });
}

function toInput({ toInput: name, depthwise }: Family): tf.KernelFunc {
  return ({ inputs, attrs, backend }) =>
    tf.tidy(() => {
      const { dy, filter } = inputs as Tensors;
      const { inputShape, ...window } = attrs as Window & { inputShape: number[] };
      const { place, attributes } = planOf(inputShape, filter!.shape, window, depthwise);
      const image = sizes(paddedShape(inputShape, place));
      const given = [image, filter!, dy!];
      const whole = operation(backend as tf.KernelBackend, name, attributes, given);
      return cropped(whole, inputShape, place);
    });
}

function toFilter({ toFilter: name, depthwise }: Family): tf.KernelFunc {
  return ({ inputs, attrs, backend }) =>
    tf.tidy(() => {
      const { x, dy } = inputs as Tensors;
      const { filterShape, ...window } = attrs as Window & { filterShape: number[] };
      const { place, attributes } = planOf(x!.shape, filterShape, window, depthwise);
      const given = [padded(x!, place), sizes(filterShape), dy!];
      return operation(backend as tf.KernelBackend, name, attributes, given);
    });
}

const dense: Family = {
  forward: tf.Conv2D,
  toInput: tf.Conv2DBackpropInput,
  toFilter: tf.Conv2DBackpropFilter,
  depthwise: false,
};

const perChannel: Family = {
  forward: tf.DepthwiseConv2dNative,
  toInput: tf.DepthwiseConv2dNativeBackpropInput,
  toFilter: tf.DepthwiseConv2dNativeBackpropFilter,
  depthwise: true,
};

/**
 * Convolutions and their cotangents with any symmetric padding; tfjs-node's know none by numbers.
 */
export const convolutions: Readonly<Record<string, tf.KernelFunc>> = Object.fromEntries(
  [dense, perChannel].flatMap((family) => [
    [family.forward, forward(family)],
    [family.toInput, toInput(family)],
    [family.toFilter, toFilter(family)],
  ]),
);
