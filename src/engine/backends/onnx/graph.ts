import { fixedPart } from "./fixed-part.js";
import type { Attributes, Constant, ElementType, Node, Output, Pieces, Value } from "./model.js";
import { encodeModel } from "./model.js";
import type { Bytes } from "./protobuf.js";

/** What a graph becomes: the model, its large constants beside it, and what it must be fed. */
export interface Encoded {
  readonly model: Bytes;
  /** Elements of constants that the model names but does not hold. */
  readonly external: readonly { readonly path: string; readonly data: Bytes }[];
  /** Inputs that some output depends on; no others may be fed. */
  readonly inputs: ReadonlySet<Value>;
  /** Operations left after what no output needs was dropped. */
  readonly nodes: number;
}

/** A graph in two: what follows from fixed inputs alone, and what takes its values from there. */
export interface Parts {
  /** Undefined where nothing follows from fixed inputs alone. */
  readonly fixed: Encoded | undefined;
  /** What the rest takes from it, all of them floats. */
  readonly values: readonly Value[];
  /** The rest, fed the values and fixed inputs like others; those among `constants` are held. */
  rest(constants: readonly Constant[]): Encoded;
}

/**
 * An ONNX graph under construction. Equal nodes are made once: a node of the same operation,
 * inputs and attributes gives the value that is there already.
 */
export interface Graph {
  /** Channels a block holds where the graph will run, 0 where there are no blocks. */
  readonly blocks: number;
  /** Whether the graph will run on a GPU, whose providers know fewer operations. */
  readonly onGpu: boolean;
  /** A new graph input of `shape`. */
  input(shape: readonly number[], type?: ElementType): Value;
  /** A node's first output. `domain` is empty for standard operations. */
  node(
    operation: string,
    inputs: readonly Value[],
    attributes?: Attributes,
    domain?: string,
  ): Value;
  /** A standard node with several outputs. */
  nodeWithOutputs(
    count: number,
    operation: string,
    inputs: readonly Value[],
    attributes?: Attributes,
  ): readonly Value[];
  /** A constant list of 64-bit whole numbers: a shape, axes, pads. */
  integers(values: readonly number[]): Value;
  /** A constant of `shape`. */
  constant(elements: Constant["elements"], shape: readonly number[], type: ElementType): Value;
  /** A constant of floats of `shape`, made once for each key. */
  table(key: string, shape: readonly number[], make: () => Float32Array): Value;
  /** A constant number without axes, a float unless said otherwise. */
  scalar(value: number, type?: ElementType): Value;
  /** Whether a node of the graph makes the value; inputs and constants are given. */
  isMade(value: Value): boolean;
  /** Names what the nodes that follow belong to, for messages. */
  label(text: string): void;
  /** The nodes that outputs need, in the order in which they are written. */
  nodesFor(outputs: readonly Output[]): readonly Node[];
  /** The model in ONNX's binary form; nodes that no output needs are left out. */
  encode(outputs: readonly Output[]): Encoded;
  /** The same in two models, of which one needs no inputs but those that are `fixed`. */
  split(outputs: readonly Output[], fixed: ReadonlySet<Value>): Parts;
}

const elementArrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** The nodes, in order, that the values need, and every value that is needed. */
function reachable(nodes: readonly Node[], outputs: readonly Value[]) {
  const needed = new Set(outputs);
  const kept: Node[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((value) => needed.has(value))) continue;
    for (const value of node.inputs) needed.add(value);
    kept.push(node);
  }
  return { kept: kept.reverse(), needed };
}

/**
 * ONNX Runtime runs what the last node of the model needs first. So that values are used up as
 * early as they can be, the nodes that end in outputs come last, the first output's at the end.
 */
function inRunningOrder(nodes: readonly Node[], outputs: readonly Value[]): readonly Node[] {
  const used = new Set(nodes.flatMap(({ inputs }) => inputs));
  const rank = new Map(outputs.map((value, i) => [value, outputs.length - i]));
  const rankOf = (node: Node): number =>
    node.outputs.some((value) => used.has(value))
      ? 0
      : Math.max(...node.outputs.map((value) => rank.get(value) ?? 0));
  const [inside, ends] = [nodes.filter((node) => rankOf(node) === 0), nodes.filter(rankOf)];
  return [...inside, ...ends.sort((a, b) => rankOf(a) - rankOf(b))];
}

/** Gives what was made under a key before, or makes it. */
function once<Made>(known: Map<string, Made>, key: string, make: () => Made): Made {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}

/** What the outputs need of the pieces, in ONNX's binary form. */
function encodePieces({ nodes, constants, inputs, outputs }: Pieces): Encoded {
  const wanted = outputs.map(({ value }) => value);
  const { kept, needed } = reachable(nodes, wanted);
  const fed = inputs.filter(({ value }) => needed.has(value));
  const held = constants.filter(({ value }) => needed.has(value));
  const running = inRunningOrder(kept, wanted);
  return {
    ...encodeModel({ nodes: running, constants: held, inputs: fed, outputs }),
    inputs: new Set(fed.map(({ value }) => value)),
    nodes: kept.length,
  };
}

/** The pieces cut in two. */
function splitPieces(pieces: Pieces, fixed: ReadonlySet<Value>): Parts {
  const { inputs, constants, outputs } = pieces;
  const wanted = outputs.map(({ value }) => value);
  const needed = reachable(pieces.nodes, wanted).kept;
  const { nodes, values, rest } = fixedPart({ ...pieces, nodes: needed }, fixed);
  const made = values.map((value): Output => ({ value, type: "float32" }));
  const before = inputs.filter(({ value }) => fixed.has(value));
  return {
    values,
    fixed:
      values.length === 0
        ? undefined
        : encodePieces({ nodes, constants, inputs: before, outputs: made }),
    rest: (held) => {
      const names = new Set(held.map(({ value }) => value));
      const fed = [...inputs, ...made].filter(({ value }) => !names.has(value));
      return encodePieces({
        nodes: rest,
        constants: [...constants, ...held],
        inputs: fed,
        outputs,
      });
    },
  };
}

/** Nodes as they are made, equal ones once. */
function newNodes(fresh: () => Value) {
  const nodes: Node[] = [];
  const known = new Map<string, readonly Value[]>();
  const made = new Set<Value>();
  let label = "";
  const append = (
    count: number,
    operation: string,
    inputs: readonly Value[],
    attributes: Attributes,
    domain: string,
  ): readonly Value[] =>
    once(known, JSON.stringify([count, operation, domain, inputs, attributes]), () => {
      const outputs = Array.from({ length: count }, fresh);
      for (const output of outputs) made.add(output);
      nodes.push({ operation, domain, inputs, outputs, attributes, label });
      return outputs;
    });
  return {
    nodes,
    append,
    isMade: (value: Value) => made.has(value),
    label: (text: string) => {
      label = text;
    },
  };
}

/** Constants, small ones of equal elements once. */
function newConstants(fresh: () => Value) {
  const constants: Constant[] = [];
  const lists = new Map<string, Value>();
  const add = (
    elements: Constant["elements"],
    shape: readonly number[],
    type: Constant["type"],
  ): Value => {
    const value = fresh();
    constants.push({ value, elements, shape, type });
    return value;
  };
  return {
    constants,
    constant: (elements: Constant["elements"], shape: readonly number[], type: ElementType) =>
      add(elements, shape, type),
    table: (key: string, shape: readonly number[], make: () => Float32Array) =>
      once(lists, `table ${key}`, () => add(make(), shape, "float32")),
    integers: (values: readonly number[]) =>
      once(lists, `i${values}`, () => {
        const elements = BigInt64Array.from(values, (one) => BigInt(one));
        return add(elements, [values.length], "int64");
      }),
    scalar: (value: number, type: ElementType = "float32") =>
      once(lists, `${type}${Object.is(value, -0) ? "-0" : value}`, () =>
        add(elementArrays[type].of(value), [], type),
      ),
  };
}

/** An empty graph for a place whose blocks hold that many channels, or for a GPU. */
export function newGraph(blocks: number, onGpu = false): Graph {
  let names = 0;
  const fresh = (): Value => `v${names++}`;
  const { nodes, append, isMade, label } = newNodes(fresh);
  const { constants, ...makers } = newConstants(fresh);
  const inputs: Output[] = [];
  return {
    blocks,
    onGpu,
    ...makers,
    isMade,
    label,
    input: (shape, type = "float32") => {
      const value = fresh();
      inputs.push({ value, shape, type });
      return value;
    },
    node: (operation, from, attributes = {}, domain = "") =>
      append(1, operation, from, attributes, domain)[0]!,
    nodeWithOutputs: (count, operation, from, attributes = {}) =>
      append(count, operation, from, attributes, ""),
    nodesFor: (outputs) => {
      const wanted = outputs.map(({ value }) => value);
      return inRunningOrder(reachable(nodes, wanted).kept, wanted);
    },
    encode: (outputs) => encodePieces({ nodes, constants, inputs, outputs }),
    split: (outputs, fixed) => splitPieces({ nodes, constants, inputs, outputs }, fixed),
  };
}
