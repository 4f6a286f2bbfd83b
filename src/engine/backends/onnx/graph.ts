import type { Bytes } from "./protobuf.js";
import { bytes, float, integer, join, text } from "./protobuf.js";

/** A value within a graph, by its name there. */
export type Value = string;

/** Element types that our graphs take in or give out. */
export type ElementType = "float32" | "int32" | "bool";

/** An attribute of a node: a whole number, text, whole numbers, or a float. */
export type Attribute = number | string | readonly number[] | { readonly float: number };

/** Attributes of a node by name. */
export type Attributes = Readonly<Record<string, Attribute>>;

/** A graph output: a value with its shape and element type. */
export interface Output {
  readonly value: Value;
  readonly shape: readonly number[];
  readonly type: ElementType;
}

/** An ONNX graph under construction: kernels append their nodes to it. */
export interface Graph {
  /** A new graph input of `shape`. */
  input(shape: readonly number[], type?: ElementType): Value;
  /** Appends a node and gives its first output. `domain` is empty for standard operations. */
  node(
    operation: string,
    inputs: readonly Value[],
    attributes?: Attributes,
    domain?: string,
  ): Value;
  /** Appends a standard node with several outputs. */
  nodeWithOutputs(
    count: number,
    operation: string,
    inputs: readonly Value[],
    attributes?: Attributes,
  ): readonly Value[];
  /** A constant list of 64-bit whole numbers: a shape, axes, pads. */
  integers(values: readonly number[]): Value;
  /** A constant of 32-bit floats. */
  floats(values: Float32Array, shape: readonly number[]): Value;
  /** A constant float without axes. */
  scalar(value: number): Value;
  /** The model in ONNX's binary form. */
  encode(outputs: readonly Output[]): Bytes;
}

/** Domain of ONNX Runtime's own operations. */
export const microsoft = "com.microsoft";

/** Domain of ONNX Runtime's operations on channels in blocks. */
export const blockedDomain = "com.microsoft.nchwc";

/** Operations are those of opset 17, in a file of format version 8. */
const opset = 17;
const formatVersion = 8;

/** Element types as ONNX numbers them. */
const elementNumber = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;

function encodeAttribute([name, value]: [string, Attribute]): Bytes {
  const kind = { float: 1, integer: 2, text: 3, integers: 7 } as const;
  const typed = (body: readonly Bytes[], type: number) => [...body, integer(20, type)];
  const body =
    typeof value === "string"
      ? typed([text(4, value)], kind.text)
      : typeof value === "number"
        ? typed([integer(3, value)], kind.integer)
        : "float" in value
          ? typed([float(2, value.float)], kind.float)
          : typed(
              value.map((one) => integer(8, one)),
              kind.integers,
            );
  return bytes(5, join([text(1, name), ...body]));
}

function encodeNode(
  operation: string,
  inputs: readonly Value[],
  outputs: readonly Value[],
  attributes: Attributes,
  domain: string,
): Bytes {
  return join([
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, operation),
    ...Object.entries(attributes).map(encodeAttribute),
    text(7, domain),
  ]);
}

function encodeInformation({ value, shape, type }: Output): Bytes {
  const axes = shape.map((size) => bytes(1, integer(1, size)));
  const tensorType = join([integer(1, elementNumber[type]), bytes(2, join(axes))]);
  return join([text(1, value), bytes(2, bytes(1, tensorType))]);
}

function encodeConstant(
  name: Value,
  type: "float32" | "int64",
  shape: readonly number[],
  raw: Float32Array | BigInt64Array,
): Bytes {
  return join([
    ...shape.map((size) => integer(1, size)),
    integer(2, elementNumber[type]),
    text(8, name),
    bytes(9, new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength)),
  ]);
}

function encodeModel(graph: Bytes): Bytes {
  const domain = (name: string, version: number) =>
    bytes(8, join([text(1, name), integer(2, version)]));
  return join([
    integer(1, formatVersion),
    bytes(7, graph),
    domain("", opset),
    domain(microsoft, 1),
    domain(blockedDomain, 1),
  ]);
}

/** An empty graph. */
export function newGraph(): Graph {
  const nodes: Bytes[] = [];
  const constants: Bytes[] = [];
  const inputs: Bytes[] = [];
  let names = 0;
  const fresh = (): Value => `v${names++}`;
  const append: Graph["nodeWithOutputs"] = (count, operation, from, attributes = {}) => {
    const outputs = Array.from({ length: count }, fresh);
    nodes.push(encodeNode(operation, from, outputs, attributes, ""));
    return outputs;
  };
  const floats: Graph["floats"] = (values, shape) => {
    const name = fresh();
    constants.push(encodeConstant(name, "float32", shape, values));
    return name;
  };
  return {
    input: (shape, type = "float32") => {
      const name = fresh();
      inputs.push(encodeInformation({ value: name, shape, type }));
      return name;
    },
    node: (operation, from, attributes = {}, domain = "") => {
      const name = fresh();
      nodes.push(encodeNode(operation, from, [name], attributes, domain));
      return name;
    },
    nodeWithOutputs: append,
    integers: (values) => {
      const name = fresh();
      const raw = BigInt64Array.from(values, (value) => BigInt(value));
      constants.push(encodeConstant(name, "int64", [values.length], raw));
      return name;
    },
    floats,
    scalar: (value) => floats(Float32Array.of(value), []),
    encode: (outputs) =>
      encodeModel(
        join([
          ...nodes.map((node) => bytes(1, node)),
          text(2, "isoscope"),
          ...constants.map((constant) => bytes(5, constant)),
          ...inputs.map((one) => bytes(11, one)),
          ...outputs.map((one) => bytes(12, encodeInformation(one))),
        ]),
      ),
  };
}
