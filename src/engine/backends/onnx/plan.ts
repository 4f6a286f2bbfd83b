import type * as tf from "../../tf.js";
import type { Graph } from "./graph.js";
import type { ElementType } from "./model.js";
import type { Deferred, Operand, Placed } from "./operand.js";

/**
 * How one call of a kernel becomes nodes: the choice of an algorithm for these shapes and
 * attributes. Nothing runs; the nodes are appended when somebody reads what depends on them.
 */
export interface Plan {
  /** The algorithm and all that `append` goes by, save shapes of inputs. */
  readonly key: string;
  readonly inputs: readonly tf.TensorInfo[];
  /** Shape of the output. */
  readonly shape: readonly number[];
  /** Element type of the output, float32 when left out. */
  readonly type?: ElementType;
  /** The output repeats its only input along axes of size 1. */
  readonly spreads?: boolean;
  /** The output has the elements of its only input in the same order. */
  readonly view?: boolean;
  /** Appends the nodes to a graph that holds the inputs, and says where the output lies. */
  append(graph: Graph, inputs: readonly Operand[]): Placed | Deferred;
}

/** The output is one of the inputs. */
export interface Same {
  readonly same: tf.TensorInfo;
}

/** Every element of the output is the same. */
export interface Uniform {
  readonly uniform: number;
  readonly shape: readonly number[];
  readonly type: ElementType;
}

/** What a kernel answers to a call; undefined leaves it to JavaScript. */
export type Planned = Plan | Same | Uniform;

/** Inputs of a kernel by name; those of joins are numbered. */
export type Inputs = tf.NamedTensorInfoMap;

/** The number that all elements of a tensor are, where that is known without computing. */
export type UniformOf = (tensor: tf.TensorInfo) => number | undefined;

/** A TensorFlow.js kernel with its planner. */
export interface Kernel {
  readonly name: string;
  plan(
    inputs: Inputs,
    attributes: tf.NamedAttrMap,
    uniformOf: UniformOf,
  ): Planned | readonly Planned[] | undefined;
}

/** Plans a call; a list is the answer of kernels with several outputs. */
export type Planner<Attributes extends tf.NamedAttrMap> = (
  inputs: Inputs,
  attributes: Attributes,
  uniformOf: UniformOf,
) => Planned | readonly Planned[] | undefined;

/** A kernel whose attributes have the given types. */
export function kernel<Attributes extends tf.NamedAttrMap>(
  name: string,
  plan: Planner<Attributes>,
): Kernel {
  return {
    name,
    plan: (inputs, attributes, uniformOf) => plan(inputs, attributes as Attributes, uniformOf),
  };
}
