import { beforeAll, describe, expect, test } from "vitest";
import { exitCodes, MachineError } from "../../src/core/errors.js";
import type { OnnxBackend } from "../../src/engine/backends/onnx/backend.js";
import type { Graph } from "../../src/engine/backends/onnx/graph.js";
import type { Value } from "../../src/engine/backends/onnx/model.js";
import { within } from "../../src/engine/evaluation.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { identity, residual, serial } from "../../src/layers/index.js";
import { contextOf } from "../support/layers.js";
import { values } from "./parts/operations.js";

const backend = (): OnnxBackend => tf.backend() as OnnxBackend;

beforeAll(() => useBackend("onnx"));

/** A recorded operation that appends one node. */
function recorded(kernel: string, x: tf.Tensor, node: (graph: Graph, x: Value) => Value) {
  const info = backend().record(kernel, {
    key: "",
    inputs: [x],
    shape: x.shape,
    append: (graph, [given]) => ({ value: node(graph, given!.in("rows")), layout: "rows" }),
  });
  return tf.engine().makeTensorFromTensorInfo(info);
}

/** What a reading throws. */
function thrownBy(read: () => unknown): Error {
  try {
    read();
  } catch (thrown) {
    return thrown as Error;
  }
  throw new Error("nothing was thrown");
}

function expectWorking(): void {
  const sum = tf.tidy(() => tf.add(tf.tensor1d([0.5]), 1));
  expect([...sum.dataSync()]).toEqual([1.5]);
  sum.dispose();
}

describe("a session that does not compile", () => {
  const nodes: readonly (readonly [string, (graph: Graph, x: Value) => Value])[] = [
    ["an operation that nobody has", (graph, x) => graph.node("Nonesuch", [x])],
    ["attributes that do not fit", (graph, x) => graph.node("Transpose", [x], { perm: [0, 0] })],
    ["inputs too few", (graph, x) => graph.node("MatMul", [x])],
    ["shapes that do not fit", (graph, x) => graph.node("MatMul", [x, x])],
  ];

  test.each(nodes)("because of %s names the operation and its place in one line", (_, node) => {
    const x = values([3, 5], 1);
    const sessions = backend().use().sessions;
    const y = within("blocks.4", () => within("branch", () => recorded("Odd", x, node)));
    for (let again = 0; again < 2; again++) {
      const { message } = thrownBy(() => y.dataSync());
      expect(message).toMatch(/^Odd in blocks\.4\.branch of \[3, 5\] failed in ONNX Runtime: ./);
      expect(message).not.toContain("\n");
    }
    expect(backend().use().sessions).toBe(sessions);
    tf.dispose([x, y]);
    expectWorking();
  });
});

test("an operation of a layer that fails when it is read names the layer's place", () => {
  const odd = {
    ...identity(),
    apply: (x: tf.Tensor) => recorded("Odd", x, (graph, given) => graph.node("Nonesuch", [given])),
  };
  const network = residual({ branch: serial({ first: identity(), second: odd }) });
  const x = values([2, 4, 4, 3], 1);
  const y = within("blocks.1", () => network.apply(x, {}, contextOf()));
  const { message } = thrownBy(() => y.dataSync());
  expect(message).toMatch(/^Odd in blocks\.1\.branch\.second of \[2, 4, 4, 3\] failed/);
  tf.dispose([x, y]);
});

describe("memory that runs out inside ONNX Runtime", () => {
  test("is the machine's failure, named with its place, and the engine goes on", () => {
    // Two to the power of 51 bytes are beyond what a process can address.
    const side = 2 ** 24;
    const x = values([2, 1, 1], 1);
    const y = within("blocks.2", () => tf.broadcastTo(x, [2, side, side]));
    const thrown = thrownBy(() => y.dataSync());
    expect(thrown).toBeInstanceOf(MachineError);
    expect((thrown as MachineError).exitCode).toBe(exitCodes.machine);
    expect(thrown.message).toMatch(
      /^\w+ in blocks\.2 of \[2, 1, 1\] failed in ONNX Runtime: .*alloc/i,
    );
    expect(thrown.message).not.toContain("\n");
    tf.dispose([x, y]);
    expectWorking();
  });
});
