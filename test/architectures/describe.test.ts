import { describe, expect, test } from "vitest";
import type { Architecture } from "../../src/architectures/architecture.js";
import convshort from "../../src/architectures/convshort.js";
import idshort from "../../src/architectures/idshort.js";
import learnscalar from "../../src/architectures/learnscalar.js";
import { layerTable, totals } from "../../src/architectures/parts/describe.js";
import { parameterCount, parameterSpecs } from "../../src/architectures/parts/network.js";
import risotto from "../../src/architectures/risotto.js";
import { parseOptions } from "../../src/core/schema.js";
import { heFanIn } from "../../src/initializers/he-fan-in.js";
import { zero } from "../../src/initializers/zero.js";
import {
  batchNorm,
  conv2d,
  dense,
  globalAveragePool,
  identity,
  relu,
  residual,
  scalarScale,
  serial,
} from "../../src/layers/index.js";

const initializer = heFanIn();

const small = {
  inShape: [6, 6, 3],
  classes: 5,
  stem: serial({ conv: conv2d({ filters: 4, initializer }), bn: batchNorm() }),
  blocks: [
    {
      stage: 1,
      layer: residual({
        branch: serial({
          conv1: conv2d({ filters: 8, stride: 2, initializer, bias: zero() }),
          scale: scalarScale({ initial: 0.6, trainable: false }),
        }),
        shortcut: conv2d({ filters: 8, size: 1, stride: 2, initializer }),
        after: relu(),
      }),
    },
  ],
  features: serial({ nothing: identity(), pool: globalAveragePool() }),
  classifier: dense({ units: 5, initializer, bias: zero() }),
};

describe("the layer table", () => {
  test("lists leaves in order under their full names, with the sum of a residual block, without identities", () => {
    expect(layerTable(small).map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      "stem.conv conv2d",
      "stem.bn batch-norm",
      "blocks.0.branch.conv1 conv2d",
      "blocks.0.branch.scale scalar-scale",
      "blocks.0.shortcut conv2d",
      "blocks.0.sum sum",
      "blocks.0.after relu",
      "features.pool global-average-pool",
      "classifier dense",
    ]);
  });

  test("has the shape, parameters, MACs and bytes of a convolution", () => {
    const row = layerTable(small)[2]!;
    expect(row.outShape).toEqual([3, 3, 8]);
    expect(row.parameters).toBe(9 * 4 * 8 + 8);
    expect(row.macs).toBe(9 * 9 * 4 * 8);
    expect(row.activationBytes).toBe(4 * 9 * 8);
  });

  test("sums up to the totals, which leave out moments and tell fixed parameters", () => {
    const parameters = 27 * 4 + 2 * 4 + (9 * 4 * 8 + 8) + 1 + 4 * 8 + (8 * 5 + 5);
    const macs = 36 * 27 * 4 + 9 * 36 * 8 + 9 * 4 * 8 + 40;
    const values = 2 * 36 * 4 + 5 * 9 * 8 + 8 + 5;
    expect(totals(small)).toEqual({
      parameters,
      trainable: parameters - 1,
      macs,
      flops: 2 * macs,
      activationBytes: 4 * values,
    });
  });
});

/** An architecture with its options' type forgotten. */
function quickNetwork<O>(architecture: Architecture<O>) {
  return architecture.build(parseOptions(architecture.options, architecture.quick, "test"));
}

test.each([
  ["idshort", quickNetwork(idshort)],
  ["learnscalar", quickNetwork(learnscalar)],
  ["convshort", quickNetwork(convshort)],
  ["risotto", quickNetwork(risotto)],
])("the table of %s holds every parameter and every MAC", (_, network) => {
  const sum = totals(network);
  expect(sum.parameters).toBe(parameterCount(parameterSpecs(network)));
  expect(layerTable(network).every(({ kind }) => kind !== "identity")).toBe(true);
  expect(sum.macs).toBe(layerTable(network).reduce((total, row) => total + row.macs, 0));
});
