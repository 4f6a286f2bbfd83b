import type { Graph } from "../graph.js";
import type { Value } from "../model.js";

/** Shape of each of the signals that are interleaved, all of them in blocks. */
export interface PhaseShape {
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** A phase with an axis for its row and one for its column among the phases, both of size 1. */
function apart(graph: Graph, phase: Value | undefined, lines: number, width: number): Value {
  const shape = graph.integers([lines, 1, width, 1, graph.blocks]);
  if (phase !== undefined) return graph.node("Reshape", [phase, shape]);
  return graph.node("Expand", [graph.scalar(0), shape]);
}

/** The only phase that is not zero, with zeros between its pixels. */
function spaced(graph: Graph, value: Value, at: readonly number[], of: readonly number[]): Value {
  const [row, column] = at as [number, number];
  const [rows, columns] = of as [number, number];
  const pads = [0, row, 0, column, 0, 0, rows - 1 - row, 0, columns - 1 - column, 0];
  return graph.node("Pad", [value, graph.integers(pads)]);
}

/** Phases side by side along both axes, each pixel a run of as many floats as a block has. */
function woven(
  graph: Graph,
  phases: readonly (readonly (Value | undefined)[])[],
  lines: number,
  width: number,
): Value {
  const inRows = phases.map((row) => {
    const columns = row.map((phase) => apart(graph, phase, lines, width));
    return columns.length === 1 ? columns[0]! : graph.node("Concat", columns, { axis: 3 });
  });
  return inRows.length === 1 ? inRows[0]! : graph.node("Concat", inRows, { axis: 1 });
}

/**
 * The signal in blocks whose pixel (r + i rows, c + j columns) is pixel (i, j) of `phases[r][c]`,
 * for as many rows and columns of phases as there are; an absent phase is zero.
 */
export function interleaved(
  graph: Graph,
  phases: readonly (readonly (Value | undefined)[])[],
  { batch, channels, height, width }: PhaseShape,
): Value {
  const [rows, columns] = [phases.length, phases[0]!.length];
  const lines = batch * (channels / graph.blocks) * height;
  const present = phases.flatMap((row, r) =>
    row.flatMap((value, c) => (value === undefined ? [] : [{ value, at: [r, c] }])),
  );
  const [only] = present;
  const all =
    present.length === 1
      ? spaced(graph, apart(graph, only!.value, lines, width), only!.at, [rows, columns])
      : woven(graph, phases, lines, width);
  const shape = [batch, channels, height * rows, width * columns];
  return graph.node("Reshape", [all, graph.integers(shape)]);
}
