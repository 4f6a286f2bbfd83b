import * as tf from "../../../tf.js";

/** Whether all tensors hold 32-bit floats. */
export function allFloat(...tensors: readonly (tf.TensorInfo | undefined)[]): boolean {
  return tensors.every((tensor) => tensor?.dtype === "float32");
}

/** Whether the tensor has numbers that our graphs compute with. */
export function isNumeric(tensor: tf.TensorInfo | undefined): boolean {
  return tensor?.dtype === "float32" || tensor?.dtype === "int32";
}

/** Number of elements. */
export function sizeOf(tensor: tf.TensorInfo): number {
  return tf.util.sizeFromShape(tensor.shape);
}
