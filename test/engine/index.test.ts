import { describe, expect, test } from "vitest";
import { UserError } from "../../src/core/errors.js";
import {
  backendChoices,
  backendNames,
  defaultBackend,
  engineVersions,
  numberOfThreads,
  useBackend,
} from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { isTested } from "./parts/backends.js";

describe("useBackend", () => {
  test.each(backendNames.filter(isTested))(
    "sets %s as the backend of all tensors that follow",
    async (name) => {
      await useBackend(name);
      expect(tf.getBackend()).toBe(name);
      const [small, large] = tf.sqrt(tf.tensor1d([0.36, 1.69])).dataSync();
      // Within a few units in the last place of a 32-bit float.
      expect(small).toBeCloseTo(0.6, 6);
      expect(large).toBeCloseTo(1.3, 6);
    },
  );

  test("takes the number of threads of one operation", async () => {
    await useBackend("onnx", { threads: 3 });
    expect(numberOfThreads()).toBe(3);
    await useBackend("cpu", { threads: 3 });
    expect(numberOfThreads()).toBe(1);
  });

  test("starts the quickest backend when none is named", async () => {
    await useBackend();
    expect(tf.getBackend()).toBe(defaultBackend);
  });

  test("names an unknown backend, the known ones, and the nearest", async () => {
    await expect(useBackend("onx")).rejects.toThrow(UserError);
    await expect(useBackend("onx")).rejects.toThrow(
      `backend: "onx" is unknown; allowed: ${backendChoices.join(", ")} (did you mean "onnx"?)`,
    );
  });

  test.each([0, 1.5, -2, Number.NaN])("refuses %d threads", async (threads) => {
    await expect(useBackend("onnx", { threads })).rejects.toThrow(UserError);
  });
});

test("engineVersions tells the versions of the packages that compute", async () => {
  const versions = await engineVersions();
  expect(versions["tfjs-core"]).toMatch(/^4\.22\./);
  expect(versions["onnxruntime"]).toMatch(/^1\.30\./);
});
