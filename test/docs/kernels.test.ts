import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { kernelsPage } from "../../scripts/kernels.mjs";
import { composedKernels } from "../../src/engine/backends/composed.js";
import { newGraph } from "../../src/engine/backends/onnx/graph.js";
import { operandOf } from "../../src/engine/backends/onnx/operand.js";
import { kernels } from "../../src/engine/backends/onnx/register.js";
import { flat } from "../../src/engine/gradients/flat.js";
import { gradients } from "../../src/engine/gradients/index.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { root } from "../support/program.js";

const engine = { tf, kernels, composed: composedKernels, gradients, flat, newGraph, operandOf };

const committed = readFileSync(join(root, "docs", "kernels.md"), "utf8");

beforeAll(() => useBackend("onnx"));

test("the page of kernels is what `npm run docs` writes", () => {
  expect(kernelsPage(engine)).toBe(committed);
});

test("the page changes with the code", () => {
  const fewer = { ...engine, kernels: kernels.filter(({ name }) => name !== tf.Erf) };
  expect(committed).toContain("| Erf ");
  expect(kernelsPage(fewer)).not.toContain("| Erf ");
  const flatter = {
    ...engine,
    gradients: gradients.filter(({ kernelName }) => kernelName !== tf.Cos),
  };
  expect(kernelsPage(flatter)).toMatch(/\| Cos +\| float32 +\| Cos +\| +\| +\|/);
});

test("every rule of a gradient can be followed, and so can the gradient of what it gives", () => {
  expect(committed).not.toMatch(/\| fails \|/);
});

test("no kernel of a rule is one that runs in JavaScript", () => {
  const inGraphs = new Set([...kernels, ...composedKernels].map(({ name }) => name));
  const outside = gradients
    .map(({ kernelName }) => kernelName)
    .filter((name) => !inGraphs.has(name));
  expect(outside).toEqual([]);
});
