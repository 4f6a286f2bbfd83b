import { sizeOf } from "../core/shape.js";
import * as tf from "../engine/tf.js";
import { constant } from "../initializers/constant.js";
import type { Initializer } from "../initializers/initializer.js";
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

/** Options of a scaled weight-standardised convolution. */
export interface ScaledStandardConvolutionOptions extends ConvolutionOptions {
  /** Of the trainable gain, one a filter; 1 unless given. */
  readonly gain?: Initializer;
  /** Constant that makes up for the variance the activation before takes away; 1 unless given. */
  readonly gamma?: number;
}

const kind = "scaled-standard-conv2d";

/**
 * Lower bound of fanIn Var(W), as in the authors' code: a constant kernel would otherwise divide
 * by zero.
 */
const leastVariance = 1e-4;

/**
 * The kernel in use: gamma gain (W - mean) / sqrt(max(fanIn Var(W), 1e-4)), moments over the
 * inputs of a filter.
 * `weight` is `[size, size, in / groups, filters]`, `gain` `[filters]`; the result is like
 * `weight`.
 * Source: Brock et al. 2021, arXiv:2101.08692 (NF-ResNet).
 */
export function standardisedKernel(weight: tf.Tensor, gain: tf.Tensor, gamma: number): tf.Tensor {
  const fanIn = sizeOf(weight.shape.slice(0, -1));
  const centred = tf.sub(weight, tf.mean(weight, [0, 1, 2], true));
  const variance = tf.mean(tf.square(centred), [0, 1, 2]);
  const deviation = tf.sqrt(tf.maximum(tf.mul(variance, fanIn), leastVariance));
  return tf.mul(centred, tf.div(tf.mul(gain, gamma), deviation));
}

/**
 * A convolution whose kernel has mean 0 and variance (gamma gain)^2 / fanIn in every filter,
 * whatever the weights.
 * Parameters: `weight`, `gain` `[filters]`, `bias` when asked for. Throws `UserError` as `conv2d`
 * does.
 * Source: Brock et al. 2021, arXiv:2101.08692 (NF-ResNet).
 */
export function scaledStandardConv2d(options: ScaledStandardConvolutionOptions): Layer {
  const geometry = geometryOf(kind, options);
  const { initializer, bias, gain = constant(1), gamma = 1 } = options;
  const { filters } = geometry;
  return {
    kind,
    parameters: (inShape) => {
      const shape = kernelShape(kind, inShape, geometry);
      return [
        { name: "weight", shape, initializer, role: "weight", trainable: true },
        { name: "gain", shape: [filters], initializer: gain, role: "gain", trainable: true },
        ...biasSpecs(bias, filters),
      ];
    },
    outShape: (inShape) => convolutionShape(kind, inShape, geometry),
    macs: (inShape) => convolutionMacs(kind, inShape, geometry),
    apply: (x, parameters) => {
      convolutionShape(kind, x.shape.slice(1), geometry);
      const weight = need(parameters, "weight");
      const kernel = standardisedKernel(weight, need(parameters, "gain"), gamma);
      const y = convolve(x, kernel, geometry);
      return bias === undefined ? y : tf.add(y, need(parameters, "bias"));
    },
  };
}
