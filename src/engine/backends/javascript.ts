import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import { reluGrad } from "../gradients/activations.js";
import { meanSquareKernel } from "../mean-square.js";
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

/** Mean of squares over the positions of `[batch, ..., channels]`, summed in float64. */
function positionMeanSquares({ inputs, backend }: Call): tf.TensorInfo {
  const storage = backend as MathBackendCPU;
  const { x } = inputs as { x: tf.TensorInfo };
  const values = elements(storage, x);
  const [samples, channels] = [x.shape[0]!, x.shape.at(-1)!];
  const positions = values.length / (samples * channels);
  const sums = new Float64Array(samples * channels);
  for (let i = 0; i < values.length; i++) {
    const sample = Math.floor(i / (positions * channels));
    sums[sample * channels + (i % channels)]! += values[i]! ** 2;
  }
  const shape = x.shape.map((size, axis) => (axis === 0 || axis === x.shape.length - 1 ? size : 1));
  return storage.makeTensorInfo(
    shape,
    "float32",
    Float32Array.from(sums, (sum) => sum / positions),
  );
}

/** `tensor` with `updates` at `indices`; TensorFlow.js writes into `tensor` itself. */
function writtenOver({ inputs, backend }: Call): tf.TensorInfo {
  const storage = backend as MathBackendCPU;
  const { tensor, indices, updates } = inputs as Record<string, tf.TensorInfo>;
  const { sliceRank, numUpdates, sliceSize, strides } = tf.backend_util.calculateShapes(
    updates!,
    indices!,
    tensor!.shape,
  );
  const [places, news] = [elements(storage, indices!), elements(storage, updates!)];
  const values = elements(storage, tensor!).slice();
  for (let update = 0; update < numUpdates; update++) {
    const place = places.subarray(update * sliceRank, (update + 1) * sliceRank);
    const row = place.reduce((sum, index, axis) => sum + index * strides[axis]!, 0);
    const slice = news.subarray(update * sliceSize, (update + 1) * sliceSize);
    values.set(slice, row * sliceSize);
  }
  return storage.makeTensorInfo(tensor!.shape, tensor!.dtype, values);
}

/** Kernels in JavaScript that TensorFlow.js lacks, does slowly or does wrong. */
const ownKernels: Readonly<Record<string, tf.KernelFunc>> = {
  [reluGrad]: maskedCotangent,
  [meanSquareKernel]: positionMeanSquares,
  [tf.UnsortedSegmentSum]: segmentSum,
  [tf.TensorScatterUpdate]: writtenOver,
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
