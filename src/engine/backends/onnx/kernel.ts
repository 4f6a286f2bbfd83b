import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import * as tf from "../../tf.js";
import type { Graph, Value } from "./graph.js";
import type { Elements } from "./runtime.js";
import type { Signature } from "./session.js";
import { runAtOnce } from "./session.js";

/** An input of a plan; `shape`, when given, shows the same elements in another shape. */
export interface PlanInput {
  readonly tensor: tf.TensorInfo;
  readonly shape?: readonly number[];
}

/**
 * How one call of a kernel becomes nodes: the choice of an algorithm for these shapes and
 * attributes.
 */
export interface Plan {
  /** The algorithm and its attributes; shapes of inputs need not be in it. */
  readonly key: string;
  readonly inputs: readonly PlanInput[];
  /** Shape of the output. */
  readonly shape: readonly number[];
  /** Shape in which the graph gives the output's elements, when it is not `shape`. */
  readonly graphShape?: readonly number[];
  /** Element type of the output, float32 when left out. */
  readonly type?: Signature["type"];
  /** Appends the nodes to a graph that holds the inputs. */
  append(graph: Graph, inputs: readonly Value[]): Value;
}

/** Inputs of a kernel by name; those of joins are numbered. */
export type Inputs = tf.NamedTensorInfoMap;

/** Plans a call, or leaves it to the JavaScript kernel by giving undefined. */
export type Planner<Attributes extends tf.NamedAttrMap> = (
  inputs: Inputs,
  attributes: Attributes,
) => Plan | undefined;

/** A TensorFlow.js kernel with its planner. */
export interface Kernel {
  readonly name: string;
  plan(inputs: Inputs, attributes: tf.NamedAttrMap): Plan | undefined;
}

/** A kernel whose attributes have the given types. */
export function kernel<Attributes extends tf.NamedAttrMap>(
  name: string,
  plan: Planner<Attributes>,
): Kernel {
  return { name, plan: (inputs, attributes) => plan(inputs, attributes as Attributes) };
}

/** Below this number of elements a JavaScript loop is quicker than a call of ONNX Runtime. */
const fewElements = 512;

/** Whether tensors are worth a call of ONNX Runtime. */
export function worthwhile(...tensors: readonly (tf.TensorInfo | undefined)[]): boolean {
  return tensors.some(
    (tensor) => tensor !== undefined && tf.util.sizeFromShape(tensor.shape) >= fewElements,
  );
}

/** Whether all tensors hold 32-bit floats. */
export function allFloat(...tensors: readonly (tf.TensorInfo | undefined)[]): boolean {
  return tensors.every((tensor) => tensor?.dtype === "float32");
}

function signatureOf({ tensor, shape = tensor.shape }: PlanInput): Signature {
  return { shape, type: tensor.dtype as Signature["type"] };
}

/** Runs a plan as a graph of its own; the output's elements become a new tensor of the backend. */
export function execute(name: string, plan: Plan, backend: MathBackendCPU): tf.TensorInfo {
  const elements = plan.inputs.map(
    ({ tensor }) => backend.data.get(tensor.dataId).values as Elements,
  );
  const type = plan.type ?? "float32";
  const output = { shape: plan.graphShape ?? plan.shape, type };
  const work = { name, key: plan.key, output, append: plan.append };
  const values = runAtOnce(work, plan.inputs.map(signatureOf), elements);
  return backend.makeTensorInfo([...plan.shape], type, values);
}

/** The arrays in which ONNX Runtime takes each element type. */
const arrays: Readonly<Record<string, new () => Elements>> = {
  float32: Float32Array,
  int32: Int32Array,
  bool: Uint8Array,
};

/**
 * Whether ONNX Runtime takes every input: its element type, at least one element, and the array of
 * that type, since JavaScript kernels leave whole numbers in arrays of floats at times.
 */
export function takes(plan: Plan, backend: MathBackendCPU): boolean {
  return plan.inputs.every(({ tensor }) => {
    const array = arrays[tensor.dtype];
    if (array === undefined || tf.util.sizeFromShape(tensor.shape) === 0) return false;
    return backend.data.get(tensor.dataId).values instanceof array;
  });
}
