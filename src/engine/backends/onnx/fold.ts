import type { Constant, Node, Value } from "./model.js";

/** Operations that make floats of floats; their other inputs are lists of whole numbers. */
const foldable = new Set([
  "Reshape",
  "Transpose",
  "Slice",
  "Concat",
  "Expand",
  "Pad",
  "Add",
  "Sub",
  "Mul",
  "Div",
  "Neg",
  "Sqrt",
  "Reciprocal",
  "ReduceSum",
  "ReduceMean",
  "MatMul",
  "FusedMatMul",
]);

/** The part of a graph that follows from constants alone. */
export interface ConstantPart {
  readonly nodes: readonly Node[];
  /** What the rest of the graph takes from it. */
  readonly values: readonly Value[];
  readonly rest: readonly Node[];
}

/** Cuts off what follows from float constants alone, nodes in the order in which they were made. */
export function constantPart(
  nodes: readonly Node[],
  constants: readonly Constant[],
  outputs: readonly Value[],
): ConstantPart {
  const known = new Set(constants.map(({ value }) => value));
  const floats = new Set(
    constants.filter(({ type }) => type === "float32").map(({ value }) => value),
  );
  const part: Node[] = [];
  const rest: Node[] = [];
  for (const node of nodes) {
    const follows = node.inputs.every((value) => known.has(value)) && floats.has(node.inputs[0]!);
    if (!follows || node.domain === blocked || !foldable.has(node.operation)) {
      rest.push(node);
      continue;
    }
    part.push(node);
    for (const value of node.outputs) {
      known.add(value);
      floats.add(value);
    }
  }
  const made = new Set(part.flatMap((node) => node.outputs));
  const taken = [...rest.flatMap(({ inputs }) => inputs), ...outputs];
  return { nodes: part, values: [...new Set(taken.filter((value) => made.has(value)))], rest };
}

const blocked = "com.microsoft.nchwc";
