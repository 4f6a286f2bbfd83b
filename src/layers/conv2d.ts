import * as tf from "../engine/tf.js";
import type { Layer } from "./layer.js";
import type { ConvolutionOptions } from "./parts/convolution.js";
import {
  biasSpecs,
  convolutionMacs,
  convolutionShape,
  convolve,
  geometryOf,
  kernelShape,
} from "./parts/convolution.js";
import { need } from "./scope.js";

export type { ConvolutionOptions } from "./parts/convolution.js";

const kind = "conv2d";

/**
 * A convolution y = W * x + b of `[height, width, in]` with symmetric zero padding.
 * Parameters: `weight` `[size, size, in / groups, filters]`, `bias` `[filters]` when asked for.
 * Throws `UserError` on a shape or options that do not fit.
 */
export function conv2d(options: ConvolutionOptions): Layer {
  const geometry = geometryOf(kind, options);
  const { initializer, bias } = options;
  return {
    kind,
    parameters: (inShape) => {
      const shape = kernelShape(kind, inShape, geometry);
      return [
        { name: "weight", shape, initializer, role: "weight", trainable: true },
        ...biasSpecs(bias, geometry.filters),
      ];
    },
    outShape: (inShape) => convolutionShape(kind, inShape, geometry),
    macs: (inShape) => convolutionMacs(kind, inShape, geometry),
    apply: (x, parameters) => {
      convolutionShape(kind, x.shape.slice(1), geometry);
      const y = convolve(x, need(parameters, "weight"), geometry);
      return bias === undefined ? y : tf.add(y, need(parameters, "bias"));
    },
  };
}
