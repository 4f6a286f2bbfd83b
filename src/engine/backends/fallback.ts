import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import * as tf from "../tf.js";

type Call = Parameters<tf.KernelFunc>[0];

/** The JavaScript backend, which keeps tensors in plain arrays. */
function javascript(): MathBackendCPU {
  return tf.engine().findBackend("cpu") as MathBackendCPU;
}

/** A copy of a tensor of `from` on the JavaScript backend. */
function moveIn(tensor: tf.TensorInfo, from: tf.KernelBackend): tf.TensorInfo {
  const values = from.readSync(tensor.dataId).slice();
  return javascript().makeTensorInfo(tensor.shape, tensor.dtype, values);
}

/**
 * JavaScript kernels leave whole numbers in arrays of floats at times; other backends go by the
 * bits.
 */
function exact(values: tf.backend_util.BackendValues, dtype: tf.DataType) {
  return dtype === "int32" && values instanceof Float32Array ? Int32Array.from(values) : values;
}

/** A copy of a JavaScript tensor on `to`. */
function moveOut(tensor: tf.TensorInfo, to: tf.KernelBackend): tf.TensorInfo {
  const values = exact(javascript().readSync(tensor.dataId), tensor.dtype);
  const dataId = to.write(values, tensor.shape, tensor.dtype);
  return { dataId, shape: tensor.shape, dtype: tensor.dtype };
}

function release(tensors: readonly tf.TensorInfo[]): void {
  for (const { dataId } of tensors) javascript().disposeData(dataId);
}

/**
 * Runs a JavaScript kernel on another backend's tensors: inputs are copied over, outputs copied
 * back.
 */
function runInJavaScript(kernelFunc: tf.KernelFunc, call: Call): tf.TensorInfo | tf.TensorInfo[] {
  const owner = call.backend as tf.KernelBackend;
  const entries = Object.entries(call.inputs).filter(([, tensor]) => tensor !== undefined);
  const moved = entries.map(([, tensor]) => moveIn(tensor!, owner));
  const inputs = Object.fromEntries(entries.map(([name], i) => [name, moved[i]!]));
  const given = Array.isArray(call.inputs) ? moved : inputs;
  const result = kernelFunc({
    ...call,
    inputs: given as tf.NamedTensorInfoMap,
    backend: javascript(),
  });
  const outputs = Array.isArray(result) ? result : [result];
  const back = outputs.map((tensor) => moveOut(tensor, owner));
  release([...moved, ...outputs]);
  return Array.isArray(result) ? back : back[0]!;
}

/**
 * Gives a backend every kernel that it lacks, run in JavaScript.
 * The JavaScript backend and its own kernels must be registered before.
 */
export function registerFallbacks(backendName: string): void {
  for (const { kernelName, kernelFunc } of tf.getKernelsForBackend("cpu")) {
    if (tf.getKernel(kernelName, backendName) !== undefined) continue;
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: (call) => runInJavaScript(kernelFunc, call),
    });
  }
}
