import type { SafetensorsEntry } from "../../src/core/safetensors.js";
import { freeze } from "../../src/engine/evaluation.js";
import * as tf from "../../src/engine/tf.js";
import { pytorchShape, toPytorch } from "../../src/training/parts/layout.js";
import { convolutionArrays } from "../material.js";
import type { ChainWork, ConvolutionWork } from "../work.js";
import type { Job } from "./job.js";

const attributes = { strides: [1, 1], pad: 1, dataFormat: "NHWC" };

function byInput(dy: tf.Tensor, filter: tf.Tensor): tf.Tensor {
  const given = { ...attributes, inputShape: dy.shape };
  return tf.engine().runKernel(tf.Conv2DBackpropInput, { dy, filter }, given) as tf.Tensor;
}

function byFilter(x: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  const filterShape = [3, 3, x.shape[3]!, dy.shape[3]!];
  const given = { ...attributes, filterShape };
  return tf.engine().runKernel(tf.Conv2DBackpropFilter, { x, dy }, given) as tf.Tensor;
}

function convolve(x: tf.Tensor, filter: tf.Tensor): tf.Tensor {
  return tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 1);
}

function tensorsOf(arrays: readonly SafetensorsEntry[]) {
  const made = arrays.map(({ name, shape, values }): [string, tf.Tensor] => [
    name,
    tf.tensor(values, [...shape]),
  ]);
  const filters = made.filter(([name]) => name.startsWith("filters")).map(([, tensor]) => tensor);
  const { x, cotangent } = Object.fromEntries(made);
  freeze(filters);
  return { x: x!, cotangent: cotangent!, filters };
}

/**
 * Convolutions with constant filters. The mean of the result is read, as signals never leave the
 * engine.
 */
export function convolutionJob(work: ConvolutionWork): Job {
  const { x, cotangent, filters } = tensorsOf(convolutionArrays(work));
  const result = (): tf.Tensor => {
    if (work.direction === "dw") return byFilter(x, cotangent);
    if (work.direction === "dx") return filters.reduceRight(byInput, cotangent);
    return filters.reduce(convolve, x);
  };
  return {
    run: async () => {
      const mean = tf.tidy(() => tf.mean(result()));
      await mean.data();
      mean.dispose();
    },
    check: async () => {
      const found = tf.tidy(result);
      const values = Float32Array.from(await found.data());
      const { shape } = found;
      found.dispose();
      if (work.direction !== "dw") return [{ name: "result", shape, values }];
      return [{ name: "result", shape: pytorchShape(shape), values: toPytorch(values, shape) }];
    },
  };
}

/** Convolutions with ReLU between them and the gradient of their input by the tape. */
export function chainJob(work: ChainWork): Job {
  const { x, filters } = tensorsOf(
    convolutionArrays({ ...work, job: "convolution", direction: "forward" }),
  );
  const forward = (image: tf.Tensor) =>
    filters.reduce((signal, filter) => tf.relu(convolve(signal, filter)), image);
  return {
    run: async () => {
      const mean = tf.tidy(() => tf.mean(tf.grad(forward)(x)));
      await mean.data();
      mean.dispose();
    },
  };
}
