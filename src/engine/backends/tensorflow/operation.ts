import type * as tf from "../../tf.js";
import type { Attribute, TensorflowBackend } from "./binding.js";

/** Attributes of an operation on float32 tensors: lists of integers, or texts. */
export type Attributes = Readonly<Record<string, readonly number[] | string>>;

function attribute(
  { binding }: TensorflowBackend,
  name: string,
  value: readonly number[] | string,
): Attribute {
  const type = typeof value === "string" ? binding.TF_ATTR_STRING : binding.TF_ATTR_INT;
  return { name, type, value };
}

/**
 * Runs one TensorFlow operation of one output; its type attribute `T` is float32.
 * Errors thrown: `Error` with TensorFlow's words when it refuses the shapes.
 */
export function operation(
  backend: tf.KernelBackend,
  name: string,
  attributes: Attributes,
  inputs: readonly tf.TensorInfo[],
): tf.Tensor {
  const own = backend as TensorflowBackend;
  const type = { name: "T", type: own.binding.TF_ATTR_TYPE, value: own.binding.TF_FLOAT };
  const others = Object.entries(attributes).map(([key, value]) => attribute(own, key, value));
  return own.executeSingleOutput(name, [type, ...others], inputs);
}
