import { type Shape, sizeOf } from "../../core/shape.js";
import type { Child, Layer } from "../../layers/layer.js";
import type { Network } from "../architecture.js";
import { parameterCount, partsOf } from "./network.js";

/** One layer of a network, for one input. */
export interface LayerRow {
  /** `blocks.0.branch.conv1`. */
  readonly name: string;
  readonly kind: string;
  readonly outShape: Shape;
  /** Values to learn or keep, without the moments of batch norm. */
  readonly parameters: number;
  /** Those of `parameters` that training changes. */
  readonly trainable: number;
  /** Multiply-adds of convolutions and dense maps. */
  readonly macs: number;
  /** Bytes of the output in float32. */
  readonly activationBytes: number;
}

/** Sums over a network's layers, for one input. */
export interface NetworkTotals {
  readonly parameters: number;
  readonly trainable: number;
  readonly macs: number;
  /** Two a multiply-add. */
  readonly flops: number;
  /** What a training step keeps of one input's forward pass, when it keeps every layer's output. */
  readonly activationBytes: number;
}

const bytesOfFloat32 = 4;

function leafRow(name: string, layer: Layer, inShape: Shape): LayerRow {
  const specs = layer.parameters(inShape);
  const outShape = layer.outShape(inShape);
  return {
    name,
    kind: layer.kind,
    outShape,
    parameters: parameterCount(specs),
    trainable: parameterCount(specs.filter((spec) => spec.trainable)),
    macs: layer.macs(inShape),
    activationBytes: bytesOfFloat32 * sizeOf(outShape),
  };
}

/** The sum of a residual block, which no child holds. */
function sumRow(name: string, outShape: Shape): LayerRow {
  const activationBytes = bytesOfFloat32 * sizeOf(outShape);
  return { name, kind: "sum", outShape, parameters: 0, trainable: 0, macs: 0, activationBytes };
}

function rowsOf({ name, layer, inShape }: Child): readonly LayerRow[] {
  if (layer.kind === "identity") return [];
  const children = layer.children?.(inShape);
  if (children === undefined) return [leafRow(name, layer, inShape)];
  const rows = children.map((child) => rowsOf({ ...child, name: `${name}.${child.name}` }));
  if (layer.kind !== "residual") return rows.flat();
  const after = children.length - 1;
  const sum = sumRow(`${name}.sum`, children[after]!.inShape);
  return [...rows.slice(0, after).flat(), sum, ...rows[after]!];
}

/**
 * The layers of a network in order, combinators opened down to their leaves; identities are left
 * out. The sum of a residual block is a row of its own, as it is a signal of its own.
 */
export function layerTable(network: Network): readonly LayerRow[] {
  return partsOf(network).flatMap(rowsOf);
}

/** Sums over the layer table of a network. */
export function totals(network: Network): NetworkTotals {
  const rows = layerTable(network);
  const sum = (pick: (row: LayerRow) => number) =>
    rows.reduce((total, row) => total + pick(row), 0);
  const macs = sum((row) => row.macs);
  return {
    parameters: sum((row) => row.parameters),
    trainable: sum((row) => row.trainable),
    macs,
    flops: 2 * macs,
    activationBytes: sum((row) => row.activationBytes),
  };
}
