import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import * as tf from "../../tf.js";
import type { Kernel } from "./kernel.js";
import { execute, takes } from "./kernel.js";
import { binaryKernels } from "./kernels/binary.js";
import { convolutionKernels } from "./kernels/convolution.js";
import { filterGradientKernels } from "./kernels/filter-gradient.js";
import { layoutKernels } from "./kernels/layout.js";
import { matrixProductKernels } from "./kernels/matrix-product.js";
import { poolingKernels } from "./kernels/pooling.js";
import { reductionKernels } from "./kernels/reductions.js";
import { unaryKernels } from "./kernels/unary.js";

/** Name of the backend within TensorFlow.js. */
export const onnx = "onnx";

/**
 * Tensors lie in plain arrays, as in the JavaScript backend, so that its kernels can stand in for
 * any of ours.
 */
export class OnnxBackend extends MathBackendCPU {}

/** Every kernel that ONNX Runtime runs. */
export const kernels: readonly Kernel[] = [
  ...unaryKernels,
  ...binaryKernels,
  ...reductionKernels,
  ...layoutKernels,
  ...matrixProductKernels,
  ...convolutionKernels,
  ...filterGradientKernels,
  ...poolingKernels,
];

/** A kernel that plans each call and leaves to JavaScript what it does not plan. */
function withFallback({ name, plan }: Kernel, fallback: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const planned = plan(call.inputs, call.attrs ?? {});
    const backend = call.backend as OnnxBackend;
    if (planned === undefined || !takes(planned, backend)) return fallback(call);
    return execute(name, planned, backend);
  };
}

function register(kernel: Kernel): void {
  const fallback = tf.getKernel(kernel.name, onnx);
  tf.unregisterKernel(kernel.name, onnx);
  const kernelFunc = withFallback(kernel, fallback.kernelFunc);
  tf.registerKernel({ kernelName: kernel.name, backendName: onnx, kernelFunc });
}

/** Makes the backend known to TensorFlow.js, with the JavaScript kernels under ours. */
export function registerBackend(): void {
  tf.registerBackend(onnx, () => new OnnxBackend());
  tf.copyRegisteredKernels("cpu", onnx);
  for (const kernel of kernels) register(kernel);
}
