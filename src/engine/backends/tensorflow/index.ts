import { reluGrad } from "../../gradients/activations.js";
import { meanSquareKernel, positionAxes } from "../../mean-square.js";
import * as tf from "../../tf.js";
import { composedKernels } from "../composed.js";
import { registerCpu } from "../cpu.js";
import { registerFallbacks } from "../fallback.js";
import { loadSetup } from "./binding.js";
import { convolutions } from "./convolution.js";
import { operation } from "./operation.js";
import { pools } from "./pooling.js";

const tensorflow = "tensorflow";

type Tensors = Record<string, tf.Tensor>;

const maskedCotangent: tf.KernelFunc = ({ inputs, backend }) => {
  const { dy, y } = inputs as Tensors;
  return operation(backend as tf.KernelBackend, "ReluGrad", {}, [dy!, y!]);
};

const positionMeanSquares: tf.KernelFunc = ({ inputs }) =>
  tf.tidy(() => {
    const { x } = inputs as Tensors;
    return tf.mean(tf.square(x!), positionAxes(x!.rank), true);
  });

const ownKernels: Readonly<Record<string, tf.KernelFunc>> = {
  ...convolutions,
  ...pools,
  [reluGrad]: maskedCotangent,
  [meanSquareKernel]: positionMeanSquares,
};

/** Kernels of tfjs-node that know no padding by numbers, unlike the kernels they are made of. */
const takenApart: readonly string[] = [tf.FusedConv2D, tf.FusedDepthwiseConv2D];

/** Kernels of tfjs-node that call methods of tensors which nobody has registered. */
const wrongHere = [tf.Prelu];

function register(kernelName: string, kernelFunc: tf.KernelFunc): void {
  if (tf.getKernel(kernelName, tensorflow) !== undefined) {
    tf.unregisterKernel(kernelName, tensorflow);
  }
  tf.registerKernel({ kernelName, backendName: tensorflow, kernelFunc });
}

let registered = false;

/**
 * Makes the backend "tensorflow" known to TensorFlow.js, from what `isoscope setup tensorflow` has
 * built, and gives it the kernels that it lacks or that know too little. The number of threads is
 * that of the first call, as TensorFlow takes it once.
 * Errors thrown: whatever the loader says when a library is missing.
 */
export function registerTensorflow(threads: number): void {
  if (registered) return;
  registerCpu();
  loadSetup(threads);
  for (const [name, kernel] of Object.entries(ownKernels)) register(name, kernel);
  for (const { name, run } of composedKernels) if (takenApart.includes(name)) register(name, run);
  for (const name of wrongHere) tf.unregisterKernel(name, tensorflow);
  registerFallbacks(tensorflow);
  registered = true;
}
