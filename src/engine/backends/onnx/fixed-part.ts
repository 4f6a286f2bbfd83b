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

/** The part of a graph that follows from fixed inputs. */
export interface FixedPart {
  readonly nodes: readonly Node[];
  /** What the rest of the graph takes from it. */
  readonly values: readonly Value[];
  readonly rest: readonly Node[];
}

/** Floats that are known before a graph runs, as nodes are looked at in order. */
function newKnowledge({ constants, inputs, outputs }: Pieces, fixed: ReadonlySet<Value>) {
  const given = [...constants, ...inputs.filter(({ value }) => fixed.has(value))];
  const known = new Set(given.map(({ value }) => value));
  const floats = new Set(given.filter(({ type }) => type === "float32").map(({ value }) => value));
  const ends = new Set(outputs.map(({ value }) => value));
  return {
    follows: ({ operation, domain, inputs: from, outputs: made }: Node): boolean =>
      foldable.has(operation) &&
      domain !== blockedDomain &&
      floats.has(from[0]!) &&
      from.every((value) => known.has(value)) &&
      !made.some((value) => ends.has(value)),
    learn: ({ outputs: made }: Node): void => {
      for (const value of made) {
        known.add(value);
        floats.add(value);
      }
    },
  };
}

/**
 * Cuts off what follows from floats that are `fixed` and from constants, nodes in the order in
 * which they were made. What follows from constants alone is on both sides, since it may be large
 * and is made in no time; what makes an output stays with the rest.
 */
export function fixedPart(pieces: Pieces, fixed: ReadonlySet<Value>): FixedPart {
  const { follows, learn } = newKnowledge(pieces, fixed);
  const derived = new Set(fixed);
  const part: Node[] = [];
  const rest: Node[] = [];
  for (const node of pieces.nodes) {
    const known = follows(node);
    const isDerived = known && node.inputs.some((value) => derived.has(value));
    if (known) learn(node);
    if (known) part.push(node);
    if (!isDerived) rest.push(node);
    else for (const value of node.outputs) derived.add(value);
  }
  const taken = rest.flatMap(({ inputs }) => inputs);
  const values = taken.filter((value) => derived.has(value) && !fixed.has(value));
  return { nodes: part, values: [...new Set(values)], rest };
}
