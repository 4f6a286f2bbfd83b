import { blockSize } from "../../src/engine/backends/onnx/block.js";
import { asConstants } from "../../src/engine/backends/onnx/fixed.js";
import type { Graph, Parts } from "../../src/engine/backends/onnx/graph.js";
import { newGraph } from "../../src/engine/backends/onnx/graph.js";
import type { Output, Value } from "../../src/engine/backends/onnx/model.js";
import type { Layout } from "../../src/engine/backends/onnx/operand.js";
import { isSignal, lyingShape, operandOf } from "../../src/engine/backends/onnx/operand.js";
import type { HostTensor, Provider } from "../../src/engine/backends/onnx/runtime.js";
import { elementsIn, hostTensor, loadSession } from "../../src/engine/backends/onnx/runtime.js";
import { numberOfThreads } from "../../src/engine/index.js";
import type { RewriteName, RewriteWork } from "../work.js";
import type { Job } from "./job.js";
import {
  blockedFilterCotangent,
  inBlocks,
  phases,
  pointwise,
  turnedFilter,
  winograd,
} from "./rewrites/convolutions.js";
import type { Form, Given, GivenArray, Rewrite } from "./rewrites/form.js";
import { deadNodes, equalOperations } from "./rewrites/graphs.js";
import { inRows, laid } from "./rewrites/layouts.js";
import { blockPooling, depthwiseAffine, mask, sampleProducts } from "./rewrites/signals.js";

const rewrites: Readonly<Record<RewriteName, (work: RewriteWork) => Rewrite>> = {
  winograd,
  phases,
  "phases-in-blocks": (work) => inBlocks(phases(work)),
  "turned-filter": turnedFilter,
  "blocked-filter-cotangent": blockedFilterCotangent,
  "sample-products": sampleProducts,
  "block-pooling": blockPooling,
  "depthwise-affine": depthwiseAffine,
  mask,
  pointwise,
  "pointwise-in-blocks": (work) => inBlocks(pointwise(work)),
  "equal-operations": equalOperations,
  "dead-nodes": deadNodes,
};

/** The two forms of what is timed. */
export function rewriteOf(work: RewriteWork): Rewrite {
  return rewrites[work.rewrite](work);
}

/** What a graph is fed, by the value there. */
type Feeds = Readonly<Record<Value, HostTensor>>;

/** A form written down. */
export interface WrittenForm {
  readonly graph: Graph;
  /** The result first. */
  readonly outputs: readonly Output[];
  /** Where the result lies. */
  readonly layout: Layout;
  readonly feeds: Feeds;
  /** Fed as well: what stays the same. */
  readonly frozen: Feeds;
}

function blocksOf({ blocks }: Form): number {
  return blocks ? blockSize() : 0;
}

function fed({ shape, values }: GivenArray, layout: Layout, block: number): HostTensor {
  const data = laid(values, shape, layout, block);
  return { type: "float32", data, dims: lyingShape(shape, layout), location: "cpu" };
}

const outputOf = (value: Value): Output => ({ value, type: "float32" });

/** What a value is a view of: in a network a view costs nothing, as an output it is copied. */
function viewed(graph: Graph, value: Value): Value {
  const maker = graph.nodesFor([outputOf(value)]).find(({ outputs }) => outputs.includes(value));
  return maker?.operation === "Reshape" ? viewed(graph, maker.inputs[0]!) : value;
}

/** Writes a form down as a graph. */
export function writtenForm(form: Form, given: Given): WrittenForm {
  const graph = newGraph(blocksOf(form));
  const feeds: Record<Value, HostTensor> = {};
  const frozen: Record<Value, HostTensor> = {};
  const operands = Object.entries(given).map(([name, array]) => {
    const layout = isSignal(array.shape) && !array.frozen ? form.layout : "rows";
    const value = graph.input(lyingShape(array.shape, layout));
    (array.frozen ? frozen : feeds)[value] = fed(array, layout, graph.blocks);
    const constant = array.frozen === true && form.knowsFrozen;
    const placed = { value, layout };
    const parts = { shape: array.shape, type: "float32", constant, placed } as const;
    return [name, operandOf(graph, parts)] as const;
  });
  const results = form.append(graph, Object.fromEntries(operands));
  const values = new Set(results.map((one) => viewed(graph, one.in(one.layout))));
  const outputs = [...values].map(outputOf);
  return { graph, outputs, layout: results[0]!.layout, feeds, frozen };
}

/** What follows from frozen arrays alone, computed once. */
function fixedValues({ fixed, values }: Parts, frozen: Feeds, provider: Provider): Feeds {
  if (fixed === undefined) return {};
  const { session } = loadSession(fixed, provider);
  const nowhere = Object.fromEntries(values.map((value) => [value, null]));
  const needed = Object.entries(frozen).filter(([value]) => fixed.inputs.has(value));
  const results = session.run(Object.fromEntries(needed), nowhere, {});
  const found = values.map((value) => [value, hostTensor(results, value)] as const);
  session.dispose();
  return Object.fromEntries(found);
}

/** A form that can be run; its results lie where those before lay. */
function loaded(form: Form, { given, shape }: Rewrite) {
  const { graph, outputs, layout, feeds, frozen } = writtenForm(form, given);
  const provider = { name: "cpu", threads: numberOfThreads() } as const;
  const parts = graph.split(outputs, new Set(Object.keys(frozen)));
  const fixed = { ...frozen, ...fixedValues(parts, frozen, provider) };
  const encoded = parts.rest(form.holdsFrozen ? asConstants(fixed) : []);
  const { session } = loadSession(encoded, provider);
  const all = Object.entries({ ...feeds, ...fixed });
  const needed = Object.fromEntries(all.filter(([value]) => encoded.inputs.has(value)));
  const nowhere = Object.fromEntries(outputs.map(({ value }) => [value, null]));
  const made = session.run(needed, nowhere, {});
  const results = Object.fromEntries(outputs.map(({ value }) => [value, hostTensor(made, value)]));
  const run = (): void => {
    session.run(needed, results, {});
  };
  const result = (): Float32Array =>
    inRows(elementsIn(results, outputs[0]!.value), shape, layout, graph.blocks);
  return { run, result };
}

/** Both forms of a computation; `who` is `plain` for the one that the engine does not write. */
export function rewriteJob(work: RewriteWork): Job {
  const rewrite = rewriteOf(work);
  const forms = {
    rewritten: loaded(rewrite.rewritten, rewrite),
    plain: loaded(rewrite.plain, rewrite),
  };
  const formOf = (who: string | undefined) => forms[who === "plain" ? "plain" : "rewritten"];
  return {
    run: async (_, who) => formOf(who).run(),
    check: async (who) => [{ name: "result", shape: rewrite.shape, values: formOf(who).result() }],
  };
}
