import type { Composed } from "../src/engine/backends/composed.js";
import type { Graph } from "../src/engine/backends/onnx/graph.js";
import type { Operand, OperandParts } from "../src/engine/backends/onnx/operand.js";
import type { Kernel } from "../src/engine/backends/onnx/plan.js";
import type * as tf from "../src/engine/tf.js";

export interface Engine {
  readonly tf: typeof tf;
  readonly kernels: readonly Kernel[];
  readonly composed: readonly Composed[];
  readonly gradients: readonly tf.GradConfig[];
  readonly flat: readonly tf.GradConfig[];
  readonly newGraph: (blocks: number) => Graph;
  readonly operandOf: (graph: Graph, parts: OperandParts) => Operand;
}
export function kernelsPage(engine: Engine): string;
