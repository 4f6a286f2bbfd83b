import { beforeAll, describe, expect, test } from "vitest";
import { kernels } from "../../src/engine/backends/onnx/backend.js";
import { blockSize } from "../../src/engine/backends/onnx/block.js";
import { newGraph } from "../../src/engine/backends/onnx/graph.js";
import type { Work } from "../../src/engine/backends/onnx/session.js";
import { dropSessions, runAtOnce, sessionUse } from "../../src/engine/backends/onnx/session.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { values } from "./parts/operations.js";

beforeAll(() => useBackend("onnx"));

const vector = { shape: [4], type: "float32" } as const;

/** Scales a vector; each factor is a graph of its own. */
function scaling(factor: number): Work {
  return {
    name: "scaling",
    key: `scaling${factor}`,
    output: vector,
    append: (graph, [x]) => graph.node("Mul", [x!, graph.scalar(factor)]),
  };
}

const ones = new Float32Array(4).fill(1);

describe("sessions", () => {
  test("are kept for the next call of the same kernel, shapes and attributes", () => {
    // Found out by a session of its own.
    blockSize();
    dropSessions();
    const x = values([2, 8, 8, 16], 1) as tf.Tensor4D;
    const filter = values([3, 3, 16, 16], 2) as tf.Tensor4D;
    tf.dispose([tf.conv2d(x, filter, 1, 1), tf.conv2d(x, filter, 1, 1)]);
    expect(sessionUse().sessions).toBe(1);
    tf.dispose([tf.conv2d(x, filter, 2, 1), x, filter]);
    expect(sessionUse().sessions).toBe(2);
  });

  test("are at most 512, and the first ones make room", () => {
    dropSessions();
    for (let i = 0; i < 520; i++) {
      const [first] = runAtOnce(scaling(i + 0.5), [vector], [ones]);
      expect(first).toBe(i + 0.5);
    }
    expect(sessionUse().sessions).toBe(512);
    expect(sessionUse().bytes).toBe(512 * 2 * 4 * 4);
    dropSessions();
    expect(sessionUse()).toEqual({ sessions: 0, bytes: 0 });
  });

  test("name the operation and the shapes when a run fails", () => {
    const wrong: Work = {
      ...scaling(0.6),
      name: "MatMul",
      key: "wrong",
      append: (graph, given) => graph.node("MatMul", given),
    };
    const other = { shape: [3], type: "float32" } as const;
    expect(() => runAtOnce(wrong, [vector, other], [ones, new Float32Array(3)])).toThrow(
      /^MatMul of \[4\] and \[3\] failed in ONNX Runtime: /,
    );
  });
});

test("kernels append to one graph as they run alone", () => {
  const x = values([2, 8, 8, 16], 1) as tf.Tensor4D;
  const filter = values([3, 3, 16, 16], 2) as tf.Tensor4D;
  const plan = (name: string) => kernels.find((kernel) => kernel.name === name)!;
  const window = { strides: 1, pad: 1, dataFormat: "NHWC", dilations: 1 };
  const convolution = plan(tf.Conv2D).plan({ x, filter }, window)!;
  const relu = plan(tf.Relu).plan({ x }, {})!;
  const [first, second] = [x, filter].map(({ shape }) => ({ shape, type: "float32" as const }));
  const together = runAtOnce(
    {
      name: "both",
      key: "both",
      output: { shape: convolution.shape, type: "float32" },
      append: (graph, given) => relu.append(graph, [convolution.append(graph, given)]),
    },
    [first!, second!],
    [x.dataSync<"float32">(), filter.dataSync<"float32">()],
  );
  // The same operations in the same order, so the same bits.
  expect([...together]).toEqual([...tf.relu(tf.conv2d(x, filter, 1, 1)).dataSync()]);
});

test("a graph is encoded the same way each time", () => {
  const encode = () => {
    const graph = newGraph();
    const x = graph.input([2, 3]);
    const y = graph.node("Transpose", [x], { perm: [1, 0] });
    return graph.encode([{ value: y, shape: [3, 2], type: "float32" }]);
  };
  expect(encode()).toEqual(encode());
});

test("the block size is one that ONNX Runtime has, or none", () => {
  expect([0, 8, 16]).toContain(blockSize());
});

test("whole numbers and small tensors are left to the JavaScript kernels", () => {
  dropSessions();
  tf.tidy(() => {
    tf.add(tf.range(0, 600, 1, "int32"), tf.scalar(1, "int32"));
    tf.add(values([20], 1), values([20], 2));
  });
  expect(sessionUse().sessions).toBe(0);
});
