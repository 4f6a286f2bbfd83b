import * as tf from "../../tf.js";
import type { DeviceElements } from "./device.js";
import type { ElementType } from "./model.js";
import type { Plan } from "./plan.js";

/** Elements as ONNX Runtime takes and gives them; booleans are bytes. */
export type Elements = Float32Array | Int32Array | Uint8Array;

/** An operation that waits to be run. */
export interface Recorded {
  /** The TensorFlow.js kernel. */
  readonly kernel: string;
  readonly plan: Plan;
  readonly inputs: readonly Stored[];
  /** Longest chain of waiting operations that ends here. */
  readonly depth: number;
  /** Where in the network it was recorded, for messages; empty outside. */
  readonly place: string;
}

/** What is known of a tensor: its elements, that all are one number, or how to compute it. */
export type Content =
  | { readonly kind: "elements"; readonly elements: Elements }
  | { readonly kind: "device"; readonly elements: DeviceElements }
  | { readonly kind: "uniform"; readonly value: number }
  | { readonly kind: "pending"; readonly recorded: Recorded }
  | { readonly kind: "text"; readonly values: tf.backend_util.BackendValues };

/** A tensor of the backend; it is its own id within TensorFlow.js. Elements never change. */
export interface Stored {
  readonly id: number;
  readonly shape: readonly number[];
  readonly type: tf.DataType;
  content: Content;
  /** Tensors that share it; below 1 nobody can read it any more. */
  references: number;
  /** Whether graphs hold it as a constant. */
  frozen: boolean;
  /** How often it was computed without being kept. */
  runs: number;
}

let created = 0;

/** A tensor with one reference. */
export function store(shape: readonly number[], type: tf.DataType, content: Content): Stored {
  return { id: created++, shape, type, content, references: 1, frozen: false, runs: 0 };
}

/** The operation that a tensor waits for, undefined when it is known. */
export function recordedOf({ content }: Stored): Recorded | undefined {
  return content.kind === "pending" ? content.recorded : undefined;
}

/** The number that all elements are, where that is known. */
export function uniformOf({ content }: Stored): number | undefined {
  return content.kind === "uniform" ? content.value : undefined;
}

/** Number of elements. */
export function sizeOf({ shape }: Stored): number {
  return tf.util.sizeFromShape([...shape]);
}

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** Whether tensors of the type can be part of a graph. */
export function isElementType(type: tf.DataType): type is ElementType {
  return type in arrays;
}

/** A private copy of values in the array of their type. */
export function copyOf(values: ArrayLike<number>, type: ElementType): Elements {
  return arrays[type].from(values);
}

/** Values in an array of their type that is theirs alone: these, or a copy of what is not so. */
export function owned(values: tf.backend_util.BackendValues, type: ElementType): Elements {
  const fits = values instanceof arrays[type] && values.byteLength === values.buffer.byteLength;
  return fits ? (values as Elements) : copyOf(values as Float32Array, type);
}

/** An array of one repeated number. */
export function filled(size: number, type: ElementType, value: number): Elements {
  return new arrays[type](size).fill(value);
}
