import type { Explanation } from "../../evaluation.js";
import { blockSize } from "./block.js";
import type { Cut } from "./cut.js";
import { leafOf, peakBytes, usesOf } from "./cut.js";
import type { Source } from "./device.js";
import { sourceOf } from "./device.js";
import type { Feed, Fixed } from "./fixed.js";
import { asConstants, elementsOf, fed, newFixed } from "./fixed.js";
import type { Graph } from "./graph.js";
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
import { loadSession } from "./runtime.js";
import type { Content, Recorded, Stored } from "./stored.js";
import { recordedOf, uniformOf } from "./stored.js";

/**
 * A compiled cut: it runs on any cut of the same key whose baked scalars are the same, and on a GPU
 * on the same frozen tensors alone, which lie there.
 */
export interface Program {
  readonly session: NativeSession;
  readonly source: Source;
  /** What is fed, by its place in the order. */
  readonly feeds: readonly Feed[];
  /** What is handed out, by its place in the order. */
  readonly outputs: ReadonlyMap<number, Value>;
  /** Scalars that are part of the program, by place. */
  readonly baked: ReadonlyMap<number, number>;
  /** Frozen tensors and what follows from them. */
  readonly fixed: Fixed;
  /** Inputs that are fed from `fixed`; none on a GPU. */
  readonly fixedInputs: readonly Value[];
  /** Whether the graph holds the frozen tensors, as it does on a GPU. */
  readonly holdsFixed: boolean;
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

interface Lowered {
  readonly graph: Graph;
  readonly operands: readonly Operand[];
  readonly inputs: readonly Feed[];
  readonly baked: ReadonlyMap<number, number>;
  /** Inputs of frozen tensors. */
  readonly frozen: readonly Feed[];
}

/** Known tensors become inputs; scalars are constants until they change. */
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
  const value = graph.input(shape, type);
  (frozen ? into.frozen : into.inputs).push({ value, place });
  return operandOf(graph, { shape, type, constant: frozen, placed: { value, layout: "rows" } });
}

interface Writable {
  readonly graph: Graph;
  readonly inputs: Feed[];
  readonly baked: Map<number, number>;
  readonly frozen: Feed[];
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
    constant: inputs.every(({ constant }) => constant),
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

/** A lowered cut in two models, what follows from frozen tensors alone apart. */
function encode({ graph, frozen }: Lowered, outputs: readonly Output[], cut: Cut, at: Provider) {
  const parts = graph.split(outputs, new Set(frozen.map(({ value }) => value)));
  const fixed = newFixed(parts, frozen, at.threads);
  const held = at.name === "cpu" ? [] : asConstants(fixed.values(cut.order));
  return {
    encoded: parts.rest(held),
    fixed,
    names: [...frozen.map(({ value }) => value), ...parts.values],
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
  const { encoded, fixed, names } = encode(lowered, distinct(outputs), cut, provider);
  const afterEncode = performance.now();
  const kept = keptOutputs(outputs, cut, provider);
  const { session, split } = loadSession(encoded, provider, kept);
  const program: Program = {
    session,
    source: sourceOf(session),
    feeds: lowered.inputs.filter(({ value }) => encoded.inputs.has(value)),
    outputs: new Map(outputs.map(({ value, place }) => [place, value])),
    baked: lowered.baked,
    fixed,
    fixedInputs: names.filter((value) => encoded.inputs.has(value)),
    holdsFixed: provider.name !== "cpu",
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
  if (stored.content.kind !== "device") return fed(stored);
  const { gpuBuffer } = stored.content.elements.tensor;
  const [type, dims] = [stored.type as ElementType, stored.shape];
  return { type, dims, location: "gpu-buffer", gpuBuffer };
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
  /** Of what follows from frozen tensors, where these are new. */
  readonly fixedMilliseconds: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** Bytes that travel. */
const byteLength = (tensors: Readonly<Record<string, HostTensor | FedDeviceTensor>>): number =>
  Object.values(tensors).reduce(
    (sum, one) => sum + (one.location === "cpu" ? one.data.byteLength : 0),
    0,
  );

/** What a program is fed for a cut. */
function feedsOf({ feeds, fixed, fixedInputs }: Program, { order }: Cut) {
  const own = feeds.map(({ value, place }) => [value, feed(order[place]!)] as const);
  const values = fixedInputs.length === 0 ? {} : fixed.values(order);
  return {
    fed: Object.fromEntries(own),
    fixed: Object.fromEntries(fixedInputs.map((value) => [value, values[value]!])),
  };
}

/** Runs a program on a cut of its key; the wanted tensors receive their elements. */
export function run(program: Program, cut: Cut): RunReport {
  const { session, source, outputs } = program;
  const begin = performance.now();
  const feeds = feedsOf(program, cut);
  const fetches = Object.fromEntries([...outputs.values()].map((value) => [value, null]));
  const start = performance.now();
  const results = session.run({ ...feeds.fed, ...feeds.fixed }, fetches, {});
  const milliseconds = performance.now() - start;
  const contents = new Map(
    Object.entries(results).map(([value, result]) => [value, contentOf(result, source)]),
  );
  for (const stored of cut.wanted) {
    stored.content = contents.get(outputs.get(cut.place.get(stored)!)!)!();
  }
  const [bytesIn, bytesOut] = [byteLength(feeds.fed), byteLength(results)];
  return { milliseconds, fixedMilliseconds: start - begin, bytesIn, bytesOut };
}
