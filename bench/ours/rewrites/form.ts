import type { Graph } from "../../../src/engine/backends/onnx/graph.js";
import type { Layout, Operand, Placed } from "../../../src/engine/backends/onnx/operand.js";
import { operandOf } from "../../../src/engine/backends/onnx/operand.js";
import type { Plan, Planned } from "../../../src/engine/backends/onnx/plan.js";
import { kernels } from "../../../src/engine/backends/onnx/register.js";
import type * as tf from "../../../src/engine/tf.js";

/** An array that both forms are given, in the callers' order. */
export interface GivenArray {
  readonly shape: readonly number[];
  readonly values: Float32Array;
  /** Whether it stays the same from run to run. */
  readonly frozen?: true;
}

/** What both forms are given, by name. */
export type Given = Readonly<Record<string, GivenArray>>;

/** The same within a graph. */
export type Operands = Readonly<Record<string, Operand>>;

/** One way of writing a computation down. */
export interface Form {
  /** Whether the graph has blocks; without them our engine has only ONNX's own operations. */
  readonly blocks: boolean;
  /** The order in which signals are given, as those around them would lie. */
  readonly layout: Layout;
  /** Whether the engine may know that what is frozen stays the same. */
  readonly knowsFrozen: boolean;
  /** Whether the graph holds what is frozen, so that ONNX Runtime packs it once. */
  readonly holdsFrozen: boolean;
  /** Appends the nodes; the first operand is the result, others are computed beside it. */
  append(graph: Graph, given: Operands): readonly Operand[];
}

type Append = Form["append"];

/** A form as our engine writes it: signals lie in blocks. */
export function asWritten(append: Append): Form {
  return { blocks: true, layout: "blocks", knowsFrozen: true, holdsFrozen: false, append };
}

/** A form of ONNX's own operations, whose signals lie in planes. */
export function inPlanes(append: Append): Form {
  return { blocks: false, layout: "planes", knowsFrozen: false, holdsFrozen: true, append };
}

/** A form between signals that lie in blocks, from which and to which it moves them. */
export function betweenBlocks(form: Form): Form {
  return {
    ...form,
    blocks: true,
    layout: "blocks",
    append: (graph, given) =>
      form
        .append(graph, given)
        .map((one) => floats(graph, { value: one.in("blocks"), layout: "blocks" }, one.shape)),
  };
}

/** A computation in two forms. */
export interface Rewrite {
  readonly given: Given;
  /** Of the result, in the callers' order. */
  readonly shape: readonly number[];
  readonly rewritten: Form;
  readonly plain: Form;
}

/** A float operand. */
export function floats(graph: Graph, placed: Placed, shape: readonly number[]): Operand {
  return operandOf(graph, { shape, type: "float32", placed });
}

function isPlan(planned: Planned | readonly Planned[] | undefined): planned is Plan {
  return planned !== undefined && "append" in planned;
}

/** The plan of the last kernel of that name that has one: kernels that come later go first. */
function planOf(name: string, infos: tf.NamedTensorInfoMap, attributes: tf.NamedAttrMap): Plan {
  const plans = kernels
    .filter((kernel) => kernel.name === name)
    .map((kernel) => kernel.plan(infos, attributes, () => undefined))
    .filter(isPlan);
  if (plans.length === 0) throw new Error(`no kernel ${name} for these shapes`);
  return plans.at(-1)!;
}

/** A TensorFlow.js kernel as our engine appends it to a graph. */
export function recorded(
  graph: Graph,
  name: string,
  inputs: Operands,
  attributes: tf.NamedAttrMap = {},
): Operand {
  const known = new Map<tf.TensorInfo, Operand>();
  const infos = Object.entries(inputs).map(([key, operand]) => {
    const info = { dataId: {}, shape: [...operand.shape], dtype: operand.type };
    known.set(info, operand);
    return [key, info] as const;
  });
  const plan = planOf(name, Object.fromEntries(infos), attributes);
  const operands = plan.inputs.map((info) => known.get(info)!);
  const placed = plan.append(graph, operands);
  return operandOf(graph, { shape: plan.shape, type: plan.type ?? "float32", placed });
}
