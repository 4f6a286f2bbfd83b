import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import { reluGrad } from "../gradients/activations.js";
import * as tf from "../tf.js";

type Call = Parameters<tf.KernelFunc>[0];

/** The elements of an input, as they lie in the backend. */
function elements(backend: MathBackendCPU, tensor: tf.TensorInfo): Float32Array {
  return backend.data.get(tensor.dataId).values as Float32Array;
}

/** `dy` where `y > 0`, else 0. */
function maskedCotangent({ inputs, backend }: Call): tf.TensorInfo {
  const storage = backend as MathBackendCPU;
  const { dy, y } = inputs as { dy: tf.TensorInfo; y: tf.TensorInfo };
  const cotangents = elements(storage, dy);
  const values = elements(storage, y);
  const masked = new Float32Array(values.length);
  for (let i = 0; i < masked.length; i++) if (values[i]! > 0) masked[i] = cotangents[i]!;
  return storage.makeTensorInfo([...y.shape], "float32", masked);
}

/** Rows of `x` added up by `segmentIds`; one pass, where TensorFlow.js makes one a segment. */
function segmentSum({ inputs, backend, attrs }: Call): tf.TensorInfo {
  const storage = backend as MathBackendCPU;
  const { x, segmentIds } = inputs as { x: tf.TensorInfo; segmentIds: tf.TensorInfo };
  const { numSegments } = attrs as { numSegments: number };
  const rows = elements(storage, x);
  const segments = elements(storage, segmentIds);
  const inner = segments.length === 0 ? 0 : rows.length / segments.length;
  const size = numSegments * inner;
  const sums = x.dtype === "int32" ? new Int32Array(size) : new Float32Array(size);
  for (let row = 0; row < segments.length; row++) {
    const start = segments[row]! * inner;
    if (start < 0) continue;
    for (let i = 0; i < inner; i++) sums[start + i]! += rows[row * inner + i]!;
  }
  const shape = [numSegments, ...x.shape.slice(segmentIds.shape.length)];
  return storage.makeTensorInfo(shape, x.dtype, sums);
}

/** Kernels in JavaScript that TensorFlow.js lacks or does slowly. */
const ownKernels: Readonly<Record<string, tf.KernelFunc>> = {
  [reluGrad]: maskedCotangent,
  [tf.UnsortedSegmentSum]: segmentSum,
};

/** Adds our JavaScript kernels to a backend whose tensors lie in plain arrays. */
export function registerOwnKernels(backendName: string): void {
  for (const [kernelName, kernelFunc] of Object.entries(ownKernels)) {
    if (tf.getKernel(kernelName, backendName) !== undefined) {
      tf.unregisterKernel(kernelName, backendName);
    }
    tf.registerKernel({ kernelName, backendName, kernelFunc });
  }
}
