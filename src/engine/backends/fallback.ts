import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import * as tf from "../tf.js";
import { engineWarning } from "../warnings.js";

type Call = Parameters<tf.KernelFunc>[0];

/** What a backend can say or do so that its tensors reach JavaScript with less trouble. */
export interface FallbackHost {
  /** Whether the elements of a tensor must be computed before anybody can read them. */
  waits?(backend: tf.KernelBackend, tensor: tf.TensorInfo): boolean;
  /** Takes over elements that nobody else will change. */
  adopt?(
    backend: tf.KernelBackend,
    values: tf.backend_util.BackendValues,
    shape: readonly number[],
    dtype: tf.DataType,
  ): tf.TensorInfo;
}

/** The JavaScript backend, which keeps tensors in plain arrays. */
function javascript(): MathBackendCPU {
  return tf.engine().findBackend("cpu") as MathBackendCPU;
}

/** A tensor of `from` on the JavaScript backend, not copied, as its kernels write to no input. */
function moveIn(tensor: tf.TensorInfo, from: tf.KernelBackend): tf.TensorInfo {
  return javascript().makeTensorInfo(tensor.shape, tensor.dtype, from.readSync(tensor.dataId));
}

/**
 * JavaScript kernels leave whole numbers in arrays of floats at times; other backends go by the
 * bits.
 */
function exact(values: tf.backend_util.BackendValues, dtype: tf.DataType) {
  return dtype === "int32" && values instanceof Float32Array ? Int32Array.from(values) : values;
}

/** A JavaScript tensor on `to`. */
function moveOut(tensor: tf.TensorInfo, to: tf.KernelBackend, host: FallbackHost): tf.TensorInfo {
  const { shape, dtype } = tensor;
  const values = exact(javascript().readSync(tensor.dataId), dtype);
  if (host.adopt !== undefined) return host.adopt(to, values, shape, dtype);
  return { dataId: to.write(values, shape, dtype), shape, dtype };
}

function release(tensors: readonly tf.TensorInfo[]): void {
  for (const { dataId } of tensors) javascript().disposeData(dataId);
}

function given({ inputs }: Call): readonly (readonly [string, tf.TensorInfo])[] {
  return Object.entries(inputs).filter((entry): entry is [string, tf.TensorInfo] => !!entry[1]);
}

/** Runs a JavaScript kernel on another backend's tensors. */
function runInJavaScript(
  kernelFunc: tf.KernelFunc,
  call: Call,
  host: FallbackHost,
): tf.TensorInfo | tf.TensorInfo[] {
  const owner = call.backend as tf.KernelBackend;
  const entries = given(call);
  const moved = entries.map(([, tensor]) => moveIn(tensor, owner));
  const inputs = Object.fromEntries(entries.map(([name], i) => [name, moved[i]!]));
  const handed = Array.isArray(call.inputs) ? moved : inputs;
  const result = kernelFunc({
    ...call,
    inputs: handed as tf.NamedTensorInfoMap,
    backend: javascript(),
  });
  const outputs = Array.isArray(result) ? result : [result];
  const back = outputs.map((tensor) => moveOut(tensor, owner, host));
  release([...moved, ...outputs]);
  return Array.isArray(result) ? back : back[0]!;
}

/** Names a kernel once that made the backend compute what it would rather have computed later. */
function warn(kernelName: string, backendName: string, call: Call, { waits }: FallbackHost): void {
  const tensors = given(call).map(([, tensor]) => tensor);
  const interrupts = tensors.some((tensor) => waits?.(call.backend as tf.KernelBackend, tensor));
  if (!interrupts) return;
  const shapes = tensors.map(({ dtype, shape }) => `${dtype} [${shape.join(", ")}]`);
  engineWarning(
    `${backendName}.${kernelName}`,
    `${kernelName} of ${shapes.join(" and ")} runs in JavaScript on the backend ${backendName}, ` +
      "and what leads to it is computed apart from the rest",
  );
}

/** A JavaScript kernel as one of another backend. Errors thrown: `Error` when there is none. */
export function inJavaScript(
  kernelName: string,
  backendName: string,
  host: FallbackHost = {},
): tf.KernelFunc {
  const found = tf.getKernel(kernelName, "cpu");
  if (found === undefined) throw new Error(`there is no kernel ${kernelName} in JavaScript`);
  return (call) => {
    warn(kernelName, backendName, call, host);
    return runInJavaScript(found.kernelFunc, call, host);
  };
}

/**
 * Gives a backend every kernel that it lacks, run in JavaScript.
 * The JavaScript backend and its own kernels must be registered before.
 */
export function registerFallbacks(backendName: string, host: FallbackHost = {}): void {
  for (const { kernelName } of tf.getKernelsForBackend("cpu")) {
    if (tf.getKernel(kernelName, backendName) !== undefined) continue;
    const kernelFunc = inJavaScript(kernelName, backendName, host);
    tf.registerKernel({ kernelName, backendName, kernelFunc });
  }
}
