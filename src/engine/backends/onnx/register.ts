import * as tf from "../../tf.js";
import { registerFallbacks } from "../fallback.js";
import { OnnxBackend } from "./backend.js";
import { binaryKernels } from "./kernels/binary.js";
import { convolutionKernels } from "./kernels/convolution.js";
import { filterGradientKernels } from "./kernels/filter-gradient.js";
import { identityKernels } from "./kernels/identity.js";
import { layoutKernels } from "./kernels/layout.js";
import { matrixProductKernels } from "./kernels/matrix-product.js";
import { poolingKernels } from "./kernels/pooling.js";
import { reductionKernels } from "./kernels/reductions.js";
import { unaryKernels } from "./kernels/unary.js";
import type { Kernel, Planned } from "./plan.js";
import type { Provider } from "./runtime.js";
import { uniformOf } from "./stored.js";

/** Every kernel that becomes nodes of a graph. */
export const kernels: readonly Kernel[] = [
  ...identityKernels,
  ...unaryKernels,
  ...binaryKernels,
  ...reductionKernels,
  ...layoutKernels,
  ...matrixProductKernels,
  ...convolutionKernels,
  ...filterGradientKernels,
  ...poolingKernels,
];

type Call = Parameters<tf.KernelFunc>[0];

/** Whether some input has no elements, which ONNX Runtime does not take. */
function someEmpty({ inputs }: Call): boolean {
  return Object.values(inputs).some((one) => one?.shape.includes(0));
}

function isList(planned: Planned | readonly Planned[]): planned is readonly Planned[] {
  return Array.isArray(planned);
}

/** A kernel that records each call it can plan and leaves the others to JavaScript. */
function recording({ name, plan }: Kernel, inJavaScript: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const backend = call.backend as OnnxBackend;
    const known = ({ dataId }: tf.TensorInfo) => uniformOf(backend.stored(dataId));
    const planned = someEmpty(call) ? undefined : plan(call.inputs, call.attrs ?? {}, known);
    if (planned === undefined) return inJavaScript(call);
    return isList(planned)
      ? planned.map((one) => backend.record(name, one))
      : backend.record(name, planned);
  };
}

/**
 * Makes a backend of ONNX Runtime known to TensorFlow.js, with the JavaScript kernels under ours.
 * The JavaScript backend must be registered before.
 */
export function registerBackend(backendName: string, provider: () => Provider): void {
  tf.registerBackend(backendName, () => new OnnxBackend(provider));
  registerFallbacks(backendName);
  for (const kernel of kernels) {
    const kernelName = kernel.name;
    const inJavaScript = tf.getKernel(kernelName, backendName)?.kernelFunc ?? missing(kernelName);
    if (tf.getKernel(kernelName, backendName) !== undefined) {
      tf.unregisterKernel(kernelName, backendName);
    }
    tf.registerKernel({ kernelName, backendName, kernelFunc: recording(kernel, inJavaScript) });
  }
}

function missing(kernelName: string): tf.KernelFunc {
  return ({ inputs }) => {
    const shapes = Object.values(inputs).map((one) => `${one?.dtype} [${one?.shape}]`);
    throw new Error(`${kernelName} of ${shapes.join(" and ")} is not supported`);
  };
}
