import * as tf from "../tf.js";

/** The values a rule may ask for: the saved inputs in their order, then the saved output. */
type Saved = [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];

/** What a kernel keeps from the forward pass for its rule. */
interface Kept {
  readonly inputs?: readonly string[];
  readonly output?: boolean;
}

/** Cotangents of a kernel's inputs by input name, each worked out only when it is asked for. */
export type Cotangents = Record<string, () => tf.Tensor>;

/** The gradient of one kernel: `rule` maps the cotangent of its output to those of its inputs. */
export function gradient<Attributes extends tf.NamedAttrMap>(
  kernelName: string,
  kept: Kept,
  rule: (dy: tf.Tensor, saved: Saved, attributes: Attributes) => Cotangents,
): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: [...(kept.inputs ?? [])],
    outputsToSave: [kept.output ?? false],
    gradFunc: (dy, saved, attributes) =>
      rule(dy as tf.Tensor, saved as Saved, attributes as Attributes),
  };
}

/** Runs one kernel by name; errors thrown: whatever the backend throws. */
export function runKernel(
  kernelName: string,
  inputs: Record<string, tf.Tensor>,
  attributes: tf.NamedAttrMap = {},
): tf.Tensor {
  return tf.engine().runKernel(kernelName, inputs, attributes);
}

/**
 * The cotangent of an input of `shape` that was broadcast to the shape of `dy`: summed over the
 * broadcast axes. Always a new tensor, since TensorFlow.js disposes of cotangents when it adds them
 * up.
 */
export function unbroadcast(dy: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, dy.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(dy, axes) : dy, shape);
}
