import type { Node, Pieces, Value } from "./model.js";
import { blockedDomain } from "./model.js";

/** Operations that make floats of floats; their other inputs are lists of whole numbers. */
const foldable = new Set([
  "Reshape",
  "Transpose",
  "Slice",
  "Split",
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

/** The part of a graph that follows from fixed inputs and constants alone. */
export interface FixedPart {
  readonly nodes: readonly Node[];
  /** What the rest of the graph takes from it. */
  readonly values: readonly Value[];
  readonly rest: readonly Node[];
}

/**
 * Cuts off what follows from floats that are `fixed` and from constants alone, nodes in the order
 * in which they were made. What makes an output stays with the rest.
 */
export function fixedPart(
  { nodes, constants, inputs: all, outputs }: Pieces,
  fixed: ReadonlySet<Value>,
): FixedPart {
  const given = [...constants, ...all.filter(({ value }) => fixed.has(value))];
  const known = new Set(given.map(({ value }) => value));
  const ofFloats = given.filter(({ type }) => type === "float32");
  const floats = new Set(ofFloats.map(({ value }) => value));
  const ends = new Set(outputs.map(({ value }) => value));
  const follows = ({ operation, domain, inputs, outputs: made }: Node): boolean =>
    foldable.has(operation) &&
    domain !== blockedDomain &&
    floats.has(inputs[0]!) &&
    inputs.every((value) => known.has(value)) &&
    !made.some((value) => ends.has(value));
  const part: Node[] = [];
  const rest: Node[] = [];
  for (const node of nodes) {
    if (!follows(node)) {
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
  const taken = rest.flatMap(({ inputs }) => inputs).filter((value) => made.has(value));
  return { nodes: part, values: [...new Set(taken)], rest };
}
