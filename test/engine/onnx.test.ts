import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { OnnxBackend } from "../../src/engine/backends/onnx/backend.js";
import { blockSize } from "../../src/engine/backends/onnx/block.js";
import { newGraph } from "../../src/engine/backends/onnx/graph.js";
import {
  counters,
  evaluate,
  freeze,
  idleBytes,
  resetCounters,
  thaw,
  within,
} from "../../src/engine/evaluation.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { differenceOf } from "./parts/answers.js";
import { values } from "./parts/operations.js";

const backend = (): OnnxBackend => tf.backend() as OnnxBackend;

beforeAll(() => useBackend("onnx"));

beforeEach(() => {
  backend().clear();
  resetCounters();
});

/** Runs in a scope of its own; in braces, since `tidy` searches what it is given back. */
const scoped = (work: () => void): void => {
  tf.tidy(() => {
    work();
  });
};

describe("operations are recorded", () => {
  test("and nothing runs until a value is read", () => {
    scoped(() => {
      const y = tf.add(tf.relu(values([3, 5], 1)), 0.6);
      expect(counters().runs).toBe(0);
      y.dataSync();
      expect(counters()).toMatchObject({ runs: 1, compiled: 1 });
      y.dataSync();
      expect(counters().runs).toBe(1);
    });
  });

  test("and many values are computed in one run", () => {
    scoped(() => {
      const x = values([4, 6], 1);
      const several = [tf.exp(x), tf.mul(tf.exp(x), 0.6), tf.sum(x)];
      evaluate(several);
      expect(counters().runs).toBe(1);
      for (const one of several) one.dataSync();
      expect(counters().runs).toBe(1);
    });
  });

  test("from a private copy of the caller's array", () => {
    scoped(() => {
      const given = Float32Array.of(0.6, 1.3);
      const y = tf.mul(tf.tensor(given), 2);
      given.fill(7);
      expect([...y.dataSync()]).toEqual([Math.fround(0.6) * 2, Math.fround(1.3) * 2]);
    });
  });

  test("and a chain that nobody reads is computed before it grows without bound", () => {
    scoped(() => {
      let x: tf.Tensor = tf.tensor1d([0.5, 1]);
      for (let i = 0; i < 25_000; i++) x = tf.add(x, 1);
      expect(counters().runs).toBe(1);
      expect([...x.dataSync()]).toEqual([25_000.5, 25_001]);
    });
  });

  test("and what is read again and again is computed at most twice", () => {
    scoped(() => {
      const shared = tf.exp(values([8], 1));
      const reads = [0.6, 1.3, 2.5, 3.5].map((factor) => tf.mul(shared, factor));
      for (const one of reads) one.dataSync();
      // The second run hands out the shared value, so the others start from it.
      expect(counters().recorded).toBe(4 + 4 + 3 + 3);
    });
  });

  test("and a variable that waits is computed along with whatever is read", () => {
    const variable = tf.variable(tf.tensor1d([1, 2]), true, "onnx-test-variable");
    for (let step = 0; step < 5; step++) {
      scoped(() => {
        variable.assign(tf.mul(variable, 1.5));
        tf.sum(variable).dataSync();
      });
    }
    expect(counters()).toMatchObject({ runs: 5, compiled: 1 });
    expect([...variable.dataSync()]).toEqual([1.5 ** 5, 2 * 1.5 ** 5]);
    expect(counters().runs).toBe(5);
    variable.dispose();
  });
});

describe("compiled graphs", () => {
  test("are used again for other elements in the same structure", () => {
    for (let i = 1; i <= 3; i++) {
      scoped(() => {
        tf.softmax(tf.matMul(values([3, 4], i), values([4, 5], i + 7))).dataSync();
      });
    }
    expect(counters()).toMatchObject({ runs: 3, compiled: 1 });
  });

  test("hold a scalar until it changes, and are fed it from then on", () => {
    const results = [0.6, 0.6, 1.3, 2.5, 3.5].map((factor) => {
      let read = 0;
      scoped(() => {
        read = tf.sum(tf.mul(tf.ones([4]), tf.scalar(factor))).dataSync()[0]!;
      });
      return read;
    });
    expect(counters()).toMatchObject({ runs: 5, compiled: 2 });
    expect(results).toEqual([0.6, 0.6, 1.3, 2.5, 3.5].map((factor) => Math.fround(factor) * 4));
  });

  test("are not fed frozen tensors, and wait for others when these are gone", () => {
    const weight = values([4, 5], 1);
    freeze([weight]);
    const product = () => scoped(() => void tf.matMul(values([3, 4], 2), weight).dataSync());
    product();
    expect(counters().bytesIn).toBe(3 * 4 * 4);
    expect(backend().use().sessions).toBe(1);
    expect(idleBytes()).toBe(0);
    thaw([weight]);
    expect(idleBytes()).toBeGreaterThan(0);
    product();
    expect(counters().bytesIn).toBe(2 * 3 * 4 * 4 + 4 * 5 * 4);
    expect(backend().use().sessions).toBe(1);
    expect(idleBytes()).toBe(0);
    freeze([weight]);
    product();
    weight.dispose();
    expect(backend().use().sessions).toBe(2);
    expect(idleBytes()).toBeGreaterThan(0);
  });

  test("take other frozen tensors of the same shapes without being compiled anew", () => {
    const weights = [1, 2, 3].map((seed) => values([4, 5], seed));
    const outcomes = [0, 1, 0, 2, 2].map((i) => {
      const weight = weights[i]!;
      freeze([weight]);
      let found = new Float32Array();
      scoped(() => {
        const changed = tf.mul(tf.transpose(weight), 2);
        found = tf
          .matMul(changed, values([4, 3], 7))
          .dataSync<"float32">()
          .slice();
      });
      return { weight, found };
    });
    expect(counters()).toMatchObject({ runs: 5, compiled: 1 });
    for (const { weight, found } of outcomes) {
      thaw([weight]);
      scoped(() => {
        const expected = tf.matMul(tf.mul(tf.transpose(weight), 2), values([4, 3], 7));
        expect(differenceOf(expected.dataSync(), found)).toBeLessThan(1e-6);
      });
    }
    tf.dispose(weights);
  });

  test("compute what follows from frozen tensors alone when they are compiled", () => {
    const weight = values([4, 5], 1);
    freeze([weight]);
    const expected = weight.dataSync<"float32">().map((value) => Math.fround(value * 2) - 1);
    scoped(() => {
      const changed = tf.sub(tf.mul(tf.transpose(weight), 2), 1);
      const x = values([3, 5], 2);
      evaluate([changed, tf.matMul(x, changed)]);
      expect([...tf.transpose(changed).dataSync()]).toEqual([...expected]);
    });
    resetCounters();
    scoped(() => {
      const changed = tf.sub(tf.mul(tf.transpose(weight), 2), 1);
      expect([...tf.transpose(changed).dataSync()]).toEqual([...expected]);
      tf.sum(tf.matMul(values([3, 5], 2), changed)).dataSync();
    });
    // Only the product and the sum are left for the second graph.
    expect(counters().nodes).toBeLessThanOrEqual(4);
    weight.dispose();
  });

  test("are at most 256, and the first ones make room", () => {
    for (let i = 1; i <= 260; i++) scoped(() => void tf.add(tf.range(0, i), 0.6).dataSync());
    expect(backend().use().sessions).toBe(256);
    backend().clear();
    expect(backend().use()).toEqual({ sessions: 0, bytes: 0 });
  });

  test("compute equal operations once and leave out what nothing needs", () => {
    scoped(() => {
      const x = values([3, 5], 1);
      const twice = tf.add(tf.exp(tf.neg(x)), tf.exp(tf.neg(x)));
      twice.dataSync();
    });
    expect(counters()).toMatchObject({ recorded: 6, nodes: 3 });
  });
});

describe("memory", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;

  /** A forward and backward pass of two convolutions on new data. */
  function pass(filters: readonly tf.Tensor4D[], seed: number): void {
    scoped(() => {
      const x = values([2, 8, 8, 16], seed);
      const network = (image: tf.Tensor) =>
        filters.reduce<tf.Tensor>((y, f) => tf.relu(tf.conv2d(y as tf.Tensor4D, f, 1, 1)), image);
      tf.sum(tf.square(tf.grad(network)(x))).dataSync();
    });
  }

  test("is the same after a thousand evaluations", () => {
    const filters = [1, 2].map((seed) => values([3, 3, 16, 16], seed) as tf.Tensor4D);
    for (let i = 0; i < 100; i++) pass(filters, i);
    collect();
    const [tensors, held] = [tf.memory().numTensors, backend().numDataIds()];
    const { rss, heapUsed } = process.memoryUsage();
    for (let i = 0; i < 1000; i++) pass(filters, i);
    collect();
    expect(counters()).toMatchObject({ runs: 1100, compiled: 1 });
    expect([tf.memory().numTensors, backend().numDataIds()]).toEqual([tensors, held]);
    expect(process.memoryUsage().heapUsed - heapUsed).toBeLessThan(5e6);
    // Each pass holds about 0.2 MB, so a leak of every pass would be 200 MB.
    expect(process.memoryUsage().rss - rss).toBeLessThan(50e6);
    tf.dispose([...filters]);
  });

  test("of a tensor that was disposed before anybody read it is given back", async () => {
    const record = () => {
      let pending: WeakRef<object> | undefined;
      scoped(() => {
        pending = new WeakRef(tf.exp(values([4], 1)).dataId);
      });
      return pending!;
    };
    const pending = record();
    await new Promise((resume) => setTimeout(resume));
    collect();
    expect(pending.deref()).toBeUndefined();
    expect(counters().runs).toBe(0);
  });
});

describe("failures", () => {
  test("name the operation, the part of the network and the shapes", () => {
    scoped(() => {
      const rows = tf.tensor1d([0, 9], "int32");
      const taken = within("blocks.3", () =>
        within("branch", () => tf.gather(values([3, 5], 1), rows)),
      );
      expect(() => taken.dataSync()).toThrow(
        /^GatherV2 in blocks\.3\.branch of \[3, 5\] and \[2\] failed in ONNX Runtime: /,
      );
    });
  });

  test("of mismatched shapes come when the operation is recorded", () => {
    scoped(() => {
      expect(() => tf.add(values([3, 5], 1), values([4], 2))).toThrow(/shape/);
      const wrong = () => within("blocks.2", () => tf.reshape(values([3, 5], 1), [4, 4]));
      expect(wrong).toThrow(/^blocks\.2: Size\(15\) must match the product of shape 4,4/);
    });
  });

  test("say that a tensor was disposed", () => {
    const x = values([3], 1);
    x.dispose();
    expect(() => backend().stored(x.dataId)).toThrow("a tensor was used after it was disposed");
  });
});

test("a graph is encoded the same way each time", () => {
  const encode = () => {
    const graph = newGraph(0);
    const x = graph.input([2, 3]);
    const y = graph.node("Transpose", [x], { perm: [1, 0] });
    return graph.encode([{ value: y, shape: [3, 2], type: "float32" }]).model;
  };
  expect(encode()).toEqual(encode());
});

test("the block size is one that ONNX Runtime has, or none", () => {
  expect([0, 8, 16]).toContain(blockSize());
});
