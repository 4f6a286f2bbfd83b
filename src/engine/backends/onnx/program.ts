import type { Explanation } from "../../evaluation.js";
import { blockSize } from "./block.js";
import type { Cut } from "./cut.js";
import { leafOf, peakBytes, usesOf } from "./cut.js";
import type { Source } from "./device.js";
import { sourceOf } from "./device.js";
import type { Compute, Graph } from "./graph.js";
import { newGraph } from "./graph.js";
import type { ElementType, Output, Value } from "./model.js";
import type { Operand } from "./operand.js";
import { operandOf, uniformOperand } from "./operand.js";
import type {
  FedDeviceTensor,
  HostTensor,
  NativeSession,
  NativeTensor,
  Provider,
} from "./runtime.js";
import { hostTensor, loadSession } from "./runtime.js";
import type { Content, Elements, Recorded, Stored } from "./stored.js";
import { recordedOf, uniformOf } from "./stored.js";

/** A compiled cut: it runs on any cut of the same key whose baked scalars are the same. */
export interface Program {
  readonly session: NativeSession;
  readonly source: Source;
  /** What is fed, by its place in the order. */
  readonly feeds: readonly { readonly value: Value; readonly place: number }[];
  /** What is handed out, by its place in the order. */
  readonly outputs: ReadonlyMap<number, Value>;
  /** Scalars that are part of the program, by place. */
  readonly baked: ReadonlyMap<number, number>;
  /** Tensors that are part of the program. */
  readonly frozen: readonly Stored[];
  /** Estimate of what the session holds. */
  readonly bytes: number;
  readonly nodes: number;
  /** Whether ONNX Runtime leaves some of it to the CPU though a GPU was asked for. */
  readonly split: boolean;
}

/** Milliseconds of one compilation. */
export interface CompileTimes {
  readonly lower: number;
  readonly encode: number;
  readonly load: number;
}

/** Elements of a known tensor that is not uniform. */
export function elementsOf({ content }: Stored): Elements {
  if (content.kind !== "elements") throw new Error(`a ${content.kind} tensor has no elements`);
  return content.elements;
}

interface Lowered {
  readonly graph: Graph;
  readonly operands: readonly Operand[];
  readonly inputs: readonly { readonly value: Value; readonly place: number }[];
  readonly baked: ReadonlyMap<number, number>;
  readonly frozen: readonly Stored[];
}

/** Known tensors become constants or inputs; scalars are constants until they change. */
function lowerLeaf(stored: Stored, place: number, into: Writable, changing: ReadonlySet<number>) {
  const { graph } = into;
  const { shape } = stored;
  const type = stored.type as ElementType;
  const uniform = uniformOf(stored);
  if (uniform !== undefined && !stored.frozen) return uniformOperand(graph, shape, type, uniform);
  const leaf = leafOf(stored);
  if (leaf === "scalar" && !changing.has(place)) {
    const value = elementsOf(stored)[0]!;
    into.baked.set(place, value);
    return uniformOperand(graph, shape, type, value);
  }
  const frozen = leaf === "frozen";
  const value = frozen ? graph.constant(elementsOf(stored), shape, type) : graph.input(shape, type);
  if (frozen) into.frozen.push(stored);
  else into.inputs.push({ value, place });
  return operandOf(graph, { shape, type, placed: { value, layout: "rows" } });
}

interface Writable {
  readonly graph: Graph;
  readonly inputs: { value: Value; place: number }[];
  readonly baked: Map<number, number>;
  readonly frozen: Stored[];
}

function lowerRecorded(
  graph: Graph,
  stored: Stored,
  { kernel, plan, place }: Recorded,
  inputs: readonly Operand[],
  uses: number,
): Operand {
  graph.label(place === "" ? kernel : `${kernel} in ${place}`);
  return operandOf(graph, {
    shape: stored.shape,
    type: stored.type as ElementType,
    placed: plan.append(graph, inputs),
    spread: plan.spreads ? inputs[0] : undefined,
    uses,
  });
}

function lower(cut: Cut, changing: ReadonlySet<number>, graph: Graph): Lowered {
  const { order, place } = cut;
  const uses = usesOf(cut);
  const into: Writable = { graph, inputs: [], baked: new Map(), frozen: [] };
  const operands: Operand[] = [];
  for (const [i, stored] of order.entries()) {
    const recorded = recordedOf(stored);
    const inputs = recorded?.inputs.map((input) => operands[place.get(input)!]!) ?? [];
    operands.push(
      recorded === undefined
        ? lowerLeaf(stored, i, into, changing)
        : lowerRecorded(into.graph, stored, recorded, inputs, uses[i]!),
    );
  }
  return { ...into, operands };
}

/** The values handed out; what a graph was given passes through a node of its own. */
function outputsOf({ graph, operands }: Lowered, { place, wanted }: Cut) {
  graph.label("output");
  const places = new Set([...wanted].map((stored) => place.get(stored)!));
  return [...places].map((at): Output & { place: number } => {
    const operand = operands[at]!;
    const given = operand.in("rows");
    const value = graph.isMade(given) ? given : graph.node("Identity", [given]);
    return { value, place: at, shape: operand.shape, type: operand.type };
  });
}

/** Different operations may come down to the same node. */
function distinct(outputs: readonly Output[]): readonly Output[] {
  return [...new Map(outputs.map((output) => [output.value, output])).values()];
}

/** Smaller values travel: a number that is read next costs a run of its own on the GPU. */
const leastKept = 64;

/** Outputs that stay on the GPU: floats that nobody reads. */
function keptOutputs(
  outputs: readonly (Output & { place: number })[],
  { unread }: Cut,
  provider: Provider,
): ReadonlySet<Value> {
  if (provider.name !== "webgpu") return new Set();
  const large = (shape: readonly number[] = []): boolean =>
    shape.reduce((size, axis) => size * axis, 1) >= leastKept;
  const stays = ({ place, shape, type }: Output & { place: number }): boolean =>
    unread.has(place) && type === "float32" && large(shape);
  const moving = new Set(outputs.filter((one) => !stays(one)).map(({ value }) => value));
  return new Set(outputs.map(({ value }) => value).filter((value) => !moving.has(value)));
}

/** An empty graph for the place where the provider runs it. */
function graphFor({ name }: Provider): Graph {
  return name === "cpu" ? newGraph(blockSize()) : newGraph(0, true);
}

/** Computes constants of a graph in a session of their own, on the CPU. */
function computeOn({ threads }: Provider): Compute {
  return (model, values) => {
    const { session } = loadSession(model, { name: "cpu", threads });
    const results = session.run({}, Object.fromEntries(values.map((value) => [value, null])), {});
    session.dispose();
    return values.map((value) => hostTensor(results, value));
  };
}

/** Compiles a cut; `changing` are places of scalars that are fed instead of baked. */
export function compile(
  cut: Cut,
  changing: ReadonlySet<number>,
  provider: Provider,
): { readonly program: Program; readonly times: CompileTimes } {
  const start = performance.now();
  const lowered = lower(cut, changing, graphFor(provider));
  const outputs = outputsOf(lowered, cut);
  const afterLower = performance.now();
  const fold = lowered.frozen.length > 0 ? computeOn(provider) : undefined;
  const encoded = lowered.graph.encode(distinct(outputs), fold);
  const afterEncode = performance.now();
  const kept = keptOutputs(outputs, cut, provider);
  const { session, split } = loadSession(encoded, provider, kept);
  const program: Program = {
    session,
    source: sourceOf(session),
    feeds: lowered.inputs.filter(({ value }) => encoded.inputs.has(value)),
    outputs: new Map(outputs.map(({ value, place }) => [place, value])),
    baked: lowered.baked,
    frozen: lowered.frozen,
    bytes: peakBytes(cut),
    nodes: encoded.nodes,
    split,
  };
  const times = {
    lower: afterLower - start,
    encode: afterEncode - afterLower,
    load: performance.now() - afterEncode,
  };
  return { program, times };
}

/** How a cut would be computed. */
export function explain(cut: Cut, provider: Provider): Explanation {
  const lowered = lower(cut, new Set(), graphFor(provider));
  const outputs = distinct(outputsOf(lowered, cut));
  const operations = cut.order.map((stored) => {
    const recorded = recordedOf(stored);
    const inputs = recorded?.inputs.map((input) => cut.place.get(input)!) ?? [];
    return { kernel: recorded?.kernel ?? "", shape: stored.shape, inputs };
  });
  return { operations, nodes: lowered.graph.nodesFor(outputs) };
}

function feed(stored: Stored): HostTensor | FedDeviceTensor {
  const [type, dims] = [stored.type as ElementType, stored.shape];
  if (stored.content.kind === "device") {
    const { gpuBuffer } = stored.content.elements.tensor;
    return { type, dims, location: "gpu-buffer", gpuBuffer };
  }
  return { type, data: elementsOf(stored), dims, location: "cpu" };
}

/** What an output holds; those that stay on a GPU have one owner for each tensor. */
function contentOf(result: NativeTensor, source: Source): () => Content {
  if (result.location === "cpu") return () => ({ kind: "elements", elements: result.data });
  const elements = source.elements(result);
  return () => ({ kind: "device", elements: elements.share() });
}

/** What a run took and gave. */
export interface RunReport {
  readonly milliseconds: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** Bytes that travel. */
const byteLength = (tensors: Readonly<Record<string, HostTensor | FedDeviceTensor>>): number =>
  Object.values(tensors).reduce(
    (sum, one) => sum + (one.location === "cpu" ? one.data.byteLength : 0),
    0,
  );

/** Runs a program on a cut of its key; the wanted tensors receive their elements. */
export function run({ session, source, feeds, outputs }: Program, cut: Cut): RunReport {
  const fed = Object.fromEntries(feeds.map(({ value, place }) => [value, feed(cut.order[place]!)]));
  const fetches = Object.fromEntries([...outputs.values()].map((value) => [value, null]));
  const start = performance.now();
  const results = session.run(fed, fetches, {});
  const milliseconds = performance.now() - start;
  const contents = new Map(
    Object.entries(results).map(([value, result]) => [value, contentOf(result, source)]),
  );
  for (const stored of cut.wanted) {
    stored.content = contents.get(outputs.get(cut.place.get(stored)!)!)!();
  }
  return { milliseconds, bytesIn: byteLength(fed), bytesOut: byteLength(results) };
}
