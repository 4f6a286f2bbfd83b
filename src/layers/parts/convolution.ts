import type { Shape } from "../../core/shape.js";
import { sizeOf } from "../../core/shape.js";
import * as tf from "../../engine/tf.js";
import type { Initializer } from "../../initializers/initializer.js";
import type { ParameterSpec } from "../layer.js";
import { checkWhole, imageAxes, shapeError } from "./shape-error.js";
import type { Window } from "./window.js";
import { checkWindow, windowPositions } from "./window.js";

/** Options that every convolution layer shares. */
export interface ConvolutionOptions {
  /** Output channels. */
  readonly filters: number;
  /** Height and width of the kernel; 3 unless given. */
  readonly size?: number;
  /** 1 unless given. */
  readonly stride?: number;
  /** Zeros added on each of the four sides; (size - 1) / 2 unless given. */
  readonly padding?: number;
  /** Input channels are read in this many separate groups; 1 unless given. */
  readonly groups?: number;
  /** Of the kernel `[size, size, in / groups, filters]`. */
  readonly initializer: Initializer;
  /** Adds a bias `[filters]` drawn from this. */
  readonly bias?: Initializer;
}

/** Where a convolution reads and what it writes, with nothing left to default. */
export interface Geometry extends Window {
  readonly filters: number;
  readonly groups: number;
}

/** The geometry that options ask for. Throws `UserError` when it cannot be. */
export function geometryOf(layer: string, options: ConvolutionOptions): Geometry {
  const { filters, size = 3, stride = 1, groups = 1 } = options;
  const geometry = { filters, size, stride, groups, padding: options.padding ?? (size - 1) / 2 };
  checkWindow(layer, geometry);
  checkWhole(layer, "filters", filters, 1);
  checkWhole(layer, "groups", groups, 1);
  if (filters % groups !== 0) {
    throw shapeError(layer, `${filters} filters`, `a multiple of groups ${groups}`);
  }
  return geometry;
}

/**
 * Shape of the kernel `[size, size, in / groups, filters]`. Throws `UserError` when groups do not
 * divide.
 */
export function kernelShape(layer: string, inShape: Shape, geometry: Geometry): Shape {
  const [, , channels] = imageAxes(layer, inShape);
  const { size, groups, filters } = geometry;
  if (channels % groups !== 0) {
    throw shapeError(layer, `${channels} input channels`, `a multiple of groups ${groups}`);
  }
  return [size, size, channels / groups, filters];
}

/** Shape after the convolution. Throws `UserError` when kernel, groups and input do not fit. */
export function convolutionShape(layer: string, inShape: Shape, geometry: Geometry): Shape {
  kernelShape(layer, inShape, geometry);
  return [...windowPositions(layer, inShape, geometry), geometry.filters];
}

/** Multiply-adds of one input; those with padded zeros are counted, as is usual. */
export function convolutionMacs(layer: string, inShape: Shape, geometry: Geometry): number {
  const positions = sizeOf(windowPositions(layer, inShape, geometry));
  return positions * sizeOf(kernelShape(layer, inShape, geometry));
}

/** The bias of a layer with `n` outputs, or nothing. */
export function biasSpecs(bias: Initializer | undefined, n: number): readonly ParameterSpec[] {
  if (bias === undefined) return [];
  return [{ name: "bias", shape: [n], initializer: bias, role: "bias", trainable: true }];
}

/**
 * Cross-correlation of `[batch, height, width, in]` with `[size, size, in / groups, filters]`.
 * Group g reads the g-th part of the channels and writes the g-th part of the filters.
 */
export function convolve(x: tf.Tensor, kernel: tf.Tensor, geometry: Geometry): tf.Tensor {
  const { groups, stride, padding } = geometry;
  const one = (image: tf.Tensor, filter: tf.Tensor): tf.Tensor =>
    tf.conv2d(image as tf.Tensor4D, filter as tf.Tensor4D, stride, padding);
  if (groups === 1) return one(x, kernel);
  const kernels = tf.split(kernel, groups, 3);
  const images = tf.split(x, groups, 3);
  return tf.concat(
    images.map((image, g) => one(image, kernels[g]!)),
    3,
  );
}
