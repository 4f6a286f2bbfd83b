import * as tf from "../../tf.js";
import { composedKernels } from "../composed.js";
import type { FallbackHost } from "../fallback.js";
import { registerFallbacks } from "../fallback.js";
import { OnnxBackend } from "./backend.js";
import { binaryKernels } from "./kernels/binary.js";

import { convolutionKernels } from "./kernels/convolution.js";
import { cumulativeKernels } from "./kernels/cumulative.js";
import { depthwiseGradientKernels } from "./kernels/depthwise-gradient.js";
import { divisionKernels } from "./kernels/division.js";
import { extremeKernels } from "./kernels/extremes.js";
import { filterGradientKernels } from "./kernels/filter-gradient.js";
import { identityKernels } from "./kernels/identity.js";
import { indexKernels } from "./kernels/indices.js";
import { layoutKernels } from "./kernels/layout.js";
import { matrixProductKernels } from "./kernels/matrix-product.js";
import { maximaKernels } from "./kernels/maxima.js";
import { nearZeroKernels } from "./kernels/near-zero.js";
import { poolingKernels } from "./kernels/pooling.js";
import { predicateKernels } from "./kernels/predicates.js";
import { reductionKernels } from "./kernels/reductions.js";
import { sampleMeanSquareKernels } from "./kernels/sample-mean-square.js";
import { slopeKernels } from "./kernels/slopes.js";
import { trigonometryKernels } from "./kernels/trigonometry.js";
import { unaryKernels } from "./kernels/unary.js";
import { wholeReductionKernels } from "./kernels/whole-reductions.js";
import type { Kernel, Planned } from "./plan.js";
import type { Provider } from "./runtime.js";
import { isElementType, owned, recordedOf, uniformOf } from "./stored.js";

/**
 * Every kernel that becomes nodes of a graph. Of two of one name the later is asked first, and the
 * earlier where that knows no answer.
 */
export const kernels: readonly Kernel[] = [
  ...identityKernels,
  ...unaryKernels,
  ...trigonometryKernels,
  ...nearZeroKernels,
  ...predicateKernels,
  ...slopeKernels,
  ...binaryKernels,
  ...divisionKernels,
  ...reductionKernels,
  ...sampleMeanSquareKernels,
  ...wholeReductionKernels,
  ...extremeKernels,
  ...cumulativeKernels,
  ...layoutKernels,
  ...indexKernels,
  ...matrixProductKernels,
  ...convolutionKernels,
  ...filterGradientKernels,
  ...depthwiseGradientKernels,
  ...poolingKernels,
  ...maximaKernels,
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

/** How our tensors come and go when a kernel runs in JavaScript. */
const host: FallbackHost = {
  waits: (backend, { dataId }) => recordedOf((backend as OnnxBackend).stored(dataId)) !== undefined,
  adopt: (backend, values, shape, dtype) =>
    (backend as OnnxBackend).hold(
      shape,
      dtype,
      isElementType(dtype)
        ? { kind: "elements", elements: owned(values, dtype) }
        : { kind: "text", values },
    ),
};

/**
 * Makes a backend of ONNX Runtime known to TensorFlow.js, with the JavaScript kernels under ours.
 * The JavaScript backend must be registered before. `unknown` names kernels that are left to it.
 */
export function registerBackend(
  backendName: string,
  provider: () => Provider,
  unknown: readonly string[] = [],
): void {
  tf.registerBackend(backendName, () => new OnnxBackend(provider));
  registerFallbacks(backendName, host);
  for (const kernel of kernels.filter(({ name }) => !unknown.includes(name))) {
    const kernelName = kernel.name;
    const inJavaScript = tf.getKernel(kernelName, backendName)?.kernelFunc ?? missing(kernelName);
    if (tf.getKernel(kernelName, backendName) !== undefined) {
      tf.unregisterKernel(kernelName, backendName);
    }
    tf.registerKernel({ kernelName, backendName, kernelFunc: recording(kernel, inJavaScript) });
  }
  for (const { name, run } of composedKernels) {
    tf.unregisterKernel(name, backendName);
    tf.registerKernel({ kernelName: name, backendName, kernelFunc: run });
  }
}

function missing(kernelName: string): tf.KernelFunc {
  return ({ inputs }) => {
    const shapes = Object.values(inputs).map((one) => `${one?.dtype} [${one?.shape}]`);
    throw new Error(`${kernelName} of ${shapes.join(" and ")} is not supported`);
  };
}
