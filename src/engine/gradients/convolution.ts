import * as tf from "../tf.js";
import { gradient, runKernel } from "./gradient.js";

/** Attributes that a convolution and both of its cotangent kernels share. */
type Window = {
  strides: number | [number, number];
  pad: number | "valid" | "same";
  dilations: number | [number, number];
};

/** The three kernels of one kind of convolution: each one's cotangents are the other two. */
interface Family {
  readonly forward: string;
  readonly toInput: string;
  readonly toFilter: string;
}

function undilated({ dilations }: Window): void {
  if (!tf.backend_util.tupleValuesAreOne(dilations ?? 1)) {
    throw new Error(`the gradient of a dilated convolution is not known: dilations ${dilations}`);
  }
}

function family({ forward, toInput, toFilter }: Family): readonly tf.GradConfig[] {
  const input = (dy: tf.Tensor, filter: tf.Tensor, inputShape: number[], window: Window) =>
    runKernel(toInput, { dy, filter }, { ...window, inputShape });
  const weights = (x: tf.Tensor, dy: tf.Tensor, filterShape: number[], window: Window) =>
    runKernel(toFilter, { x, dy }, { ...window, filterShape });
  const output = (x: tf.Tensor, filter: tf.Tensor, { dilations, ...window }: Window) =>
    runKernel(forward, { x, filter }, { ...window, dilations: dilations ?? 1 });
  return [
    gradient<Window>(forward, { inputs: ["x", "filter"] }, (dy, [x, filter], window) => {
      undilated(window);
      return {
        x: () => input(dy, filter, x.shape, window),
        filter: () => weights(x, dy, filter.shape, window),
      };
    }),
    gradient<Window>(toInput, { inputs: ["dy", "filter"] }, (ddx, [dy, filter], window) => ({
      dy: () => output(ddx, filter, window),
      filter: () => weights(ddx, dy, filter.shape, window),
    })),
    gradient<Window>(toFilter, { inputs: ["x", "dy"] }, (ddw, [x, dy], window) => ({
      x: () => input(dy, ddw, x.shape, window),
      dy: () => output(x, ddw, window),
    })),
  ];
}

/** Cotangents of convolutions of any order. */
export const convolution: readonly tf.GradConfig[] = [
  ...family({
    forward: tf.Conv2D,
    toInput: tf.Conv2DBackpropInput,
    toFilter: tf.Conv2DBackpropFilter,
  }),
  ...family({
    forward: tf.DepthwiseConv2dNative,
    toInput: tf.DepthwiseConv2dNativeBackpropInput,
    toFilter: tf.DepthwiseConv2dNativeBackpropFilter,
  }),
];
