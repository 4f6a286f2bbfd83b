import * as tf from "../../../tf.js";
import type { ElementType } from "../model.js";
import { isElementType } from "../stored.js";

/** Whether all tensors hold 32-bit floats. */
export function allFloat(...tensors: readonly (tf.TensorInfo | undefined)[]): boolean {
  return tensors.every((tensor) => tensor?.dtype === "float32");
}

/** Whether the tensor has numbers that our graphs compute with. */
export function isNumeric(tensor: tf.TensorInfo | undefined): boolean {
  return tensor?.dtype === "float32" || tensor?.dtype === "int32";
}

/** A tensor whose elements our graphs hold: 32-bit floats, 32-bit whole numbers or truth values. */
export type Held = tf.TensorInfo & { readonly dtype: ElementType };

/** Whether our graphs hold the tensor's elements. */
export function isHeld(tensor: tf.TensorInfo | undefined): tensor is Held {
  return tensor !== undefined && isElementType(tensor.dtype);
}

/** Number of elements. */
export function sizeOf(tensor: tf.TensorInfo): number {
  return tf.util.sizeFromShape(tensor.shape);
}
