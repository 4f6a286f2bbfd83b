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

/**
 * A value that enters or leaves a graph, with its element type, and its shape where known; an axis
 * of size -1 has any size.
 */
export interface Output {
  readonly value: Value;
  readonly shape?: readonly number[];
  readonly type: ElementType;
}

/** One operation of a graph; `label` says in messages what it belongs to. */
export interface Node {
  readonly operation: string;
  readonly domain: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
  readonly label: string;
}

/** Elements that a graph holds. */
export interface Constant {
  readonly value: Value;
  readonly elements: Float32Array | Int32Array | Uint8Array | BigInt64Array;
  readonly shape: readonly number[];
  readonly type: ElementType | "int64";
}

/** The pieces of a graph. */
export interface Pieces {
  readonly nodes: readonly Node[];
  readonly constants: readonly Constant[];
  readonly inputs: readonly Output[];
  readonly outputs: readonly Output[];
}

/** A model and the elements of its large constants. */
export interface Model {
  readonly model: Bytes;
  readonly external: readonly { readonly path: string; readonly data: Bytes }[];
}

/** Operations are those of opset 17, in a file of format version 8. */
const opset = 17;
const formatVersion = 8;

/** Domain of ONNX Runtime's own operations. */
export const microsoft = "com.microsoft";

/** Domain of ONNX Runtime's operations on channels in blocks. */
export const blockedDomain = "com.microsoft.nchwc";

/** Operations that ONNX does not define, one version each. */
const otherDomains = [microsoft, blockedDomain];

/** Element types as ONNX numbers them. */
const elementNumber = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;

/** Constants of at least this many bytes lie beside the model, so that nobody copies them. */
const externalBytes = 1024;

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

function encodeNode(node: Node, place: number): Bytes {
  return bytes(
    1,
    join([
      ...node.inputs.map((name) => text(1, name)),
      ...node.outputs.map((name) => text(2, name)),
      text(3, `${place} ${node.label}`),
      text(4, node.operation),
      ...Object.entries(node.attributes).map(encodeAttribute),
      text(7, node.domain),
    ]),
  );
}

function encodeInformation({ value, shape, type }: Output): Bytes {
  const axes = shape?.map((size) => bytes(1, size < 0 ? join([]) : integer(1, size)));
  const known = axes === undefined ? [] : [bytes(2, join(axes))];
  const tensorType = join([integer(1, elementNumber[type]), ...known]);
  return join([text(1, value), bytes(2, bytes(1, tensorType))]);
}

function rawBytes({ elements }: Constant): Bytes {
  return new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
}

/** Says where the elements of an external constant lie. */
function reference(path: string, length: number): readonly Bytes[] {
  const entries = { location: path, offset: "0", length: String(length) };
  return [
    ...Object.entries(entries).map(([key, value]) =>
      bytes(13, join([text(1, key), text(2, value)])),
    ),
    integer(14, 1),
  ];
}

function encodeConstant(constant: Constant, external: boolean): Bytes {
  const raw = rawBytes(constant);
  return bytes(
    5,
    join([
      ...constant.shape.map((size) => integer(1, size)),
      integer(2, elementNumber[constant.type]),
      text(8, constant.value),
      ...(external ? reference(constant.value, raw.length) : [bytes(9, raw)]),
    ]),
  );
}

/** The binary form of a model that holds the pieces. */
export function encodeModel({ nodes, constants, inputs, outputs }: Pieces): Model {
  const isExternal = (constant: Constant) => constant.elements.byteLength >= externalBytes;
  const graph = join([
    ...nodes.map(encodeNode),
    text(2, "isoscope"),
    ...constants.map((constant) => encodeConstant(constant, isExternal(constant))),
    ...inputs.map((one) => bytes(11, encodeInformation(one))),
    ...outputs.map((one) => bytes(12, encodeInformation(one))),
  ]);
  const domain = (name: string, version: number) =>
    bytes(8, join([text(1, name), integer(2, version)]));
  const model = join([
    integer(1, formatVersion),
    bytes(7, graph),
    domain("", opset),
    ...otherDomains.map((name) => domain(name, 1)),
  ]);
  const external = constants
    .filter(isExternal)
    .map((constant) => ({ path: constant.value, data: rawBytes(constant) }));
  return { model, external };
}
