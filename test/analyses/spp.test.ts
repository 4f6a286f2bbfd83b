import { beforeAll, describe, expect, it } from "vitest";
import { spp } from "../../src/analyses/spp.js";
import idshort from "../../src/architectures/idshort.js";
import isonet from "../../src/architectures/isonet.js";
import { runNetwork } from "../../src/architectures/parts/network.js";
import { UserError } from "../../src/core/errors.js";
import { keyOf } from "../../src/core/random.js";
import { parseOptions } from "../../src/core/schema.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { lecun } from "../../src/initializers/lecun.js";
import { orthogonal } from "../../src/initializers/orthogonal.js";
import { zero } from "../../src/initializers/zero.js";
import { constantScale, dense, dropout, identity, residual } from "../../src/layers/index.js";
import { batchOf, blockValues, chain, measureRows, subjectOf } from "./subjects.js";

const repeat = <T>(n: number, make: () => T) => Array.from({ length: n }, make);

/** Float32 sums of 64 channels: a few rounding errors of 6e-8 each. */
const single = 2e-6;

function expectRatios(values: readonly number[], ratio: number, tolerance = single) {
  for (let k = 1; k < values.length; k++)
    expect(Math.abs(values[k]! / values[k - 1]! / ratio - 1)).toBeLessThan(tolerance);
}

beforeAll(() => useBackend("cpu"));

describe("signal propagation", () => {
  it("keeps the mean square of a linear orthogonal network both ways", async () => {
    const layers = repeat(5, () => dense({ units: 64, initializer: orthogonal() }));
    const rows = await measureRows(subjectOf(chain(layers)));
    expectRatios(blockValues(rows, "forward"), 1);
    expectRatios(blockValues(rows, "backward"), 1);
  });

  it("multiplies by 0.36 where a block multiplies by 0.6", async () => {
    const rows = await measureRows(
      subjectOf(chain(repeat(6, () => constantScale({ factor: 0.6 })))),
    );
    for (const statistic of ["variance", "averageChannelVariance", "meanSquare"] as const) {
      expectRatios(blockValues(rows, "forward", statistic), 0.36);
      // Backward the last block has the largest gradient: from block to block it grows by 1/0.36.
      expectRatios(blockValues(rows, "backward", statistic), 1 / 0.36);
    }
  });

  it("doubles at a plain sum of a block and an independent branch", async () => {
    const branch = () => dense({ units: 256, initializer: lecun() });
    const layers = repeat(3, () => residual({ branch: branch() }));
    const rows = await measureRows(subjectOf(chain(layers, { inShape: [256] }), 1, 32));
    // 2 x·Wx is not zero at width 256: its share of |x|² is 2/sqrt(256 x 32) = 0.02, and |Wx|² scatters as much.
    expectRatios(blockValues(rows, "forward"), 2, 0.12);
    expectRatios(blockValues(rows, "backward"), 0.5, 0.12);
  });

  it("names branch, shortcut, stem, features and logits with their blocks and stages", async () => {
    const layers = repeat(2, () => residual({ branch: constantScale({ factor: 1.3 }) }));
    const rows = await measureRows(subjectOf(chain(layers, { stages: [1, 2] })));
    const places = new Map(rows.map((row) => [row.signal, [row.block, row.stage]]));
    expect(Object.fromEntries(places)).toEqual({
      stem: [null, null],
      "blocks.0.branch": [1, 1],
      "blocks.0.shortcut": [1, 1],
      "blocks.0": [1, 1],
      "blocks.1.branch": [2, 2],
      "blocks.1.shortcut": [2, 2],
      "blocks.1": [2, 2],
      features: [null, null],
      logits: [null, null],
    });
    expect(rows.length).toBe(9 * 2 * 4);
  });

  it("starts backward from the gradient of the mean cross-entropy", async () => {
    const subject = subjectOf(chain([constantScale({ factor: 0.6 })]));
    const { network, parameters, batch } = subject;
    const context = {
      training: false,
      statistics: "batch",
      key: keyOf(1),
      tap: (_: string, x: tf.Tensor) => x,
    } as const;
    const x = tf.tensor(batch.images, [batch.count, 64]);
    const logits = Array.from(runNetwork(network, parameters, x, context).dataSync());
    const gradient = logits.map((logit, i) => {
      const n = Math.floor(i / 10);
      const sum = logits.slice(n * 10, n * 10 + 10).reduce((total, v) => total + Math.exp(v), 0);
      return (Math.exp(logit) / sum - (batch.labels[n] === i % 10 ? 1 : 0)) / batch.count;
    });
    const expected = gradient.reduce((sum, g) => sum + g * g, 0) / gradient.length;
    const rows = await measureRows(subject);
    const measured = rows.find(
      ({ signal, direction, statistic }) =>
        signal === "logits" && direction === "backward" && statistic === "meanSquare",
    );
    expect(Math.abs(measured!.value / expected - 1)).toBeLessThan(single);
  });

  it("starts a Gaussian cotangent of unit variance at the features and gives none at the logits", async () => {
    const layers = repeat(3, () => constantScale({ factor: 1.3 }));
    const network = chain(layers, { classifier: dense({ units: 10, initializer: zero() }) });
    const rows = await measureRows(subjectOf(network, 1, 64), { cotangent: "gaussian" });
    const backward = rows.filter(({ direction }) => direction === "backward");
    expect(backward.some(({ signal }) => signal === "logits")).toBe(false);
    const features = backward.find(
      ({ signal, statistic }) => signal === "features" && statistic === "meanSquare",
    )!;
    // 4096 draws: the mean square scatters by sqrt(2/4096) = 0.022; four of them.
    expect(Math.abs(features.value - 1)).toBeLessThan(0.09);
    expect(blockValues(rows, "backward")[0]! / features.value).toBeCloseTo(1.69 ** 2, 4);
  });

  it("measures values whose squares leave float32, and calls an overflow by its block", async () => {
    const layers = repeat(6, () => constantScale({ factor: 1e8 }));
    const rows = await measureRows(subjectOf(chain(layers)));
    const values = blockValues(rows, "forward");
    expectRatios(values.slice(0, 4), 1e16);
    expect(values[3]).toBeGreaterThan(5e63);
    expect(values.slice(4)).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
    const statements = spp.verdicts!(rows).map(({ statement }) => statement);
    expect(statements).toEqual([
      "overflows at block 5 forward",
      "is undefined backward: the forward pass overflows",
    ]);
  });

  it("measures gradients that overflow float32 by a smaller cotangent", async () => {
    const layers = repeat(6, () => constantScale({ factor: 1e8 }));
    // Inputs of 1e-30 keep the forward pass finite; the gradient at the stem is 1e48 times that at the features.
    const rows = await measureRows(subjectOf(chain(layers), 1, 16, 1e-30));
    const values = blockValues(rows, "backward");
    expectRatios(values, 1e-16, 1e-5);
    expect(values[0]).toBeGreaterThan(1e74);
    expect(blockValues(rows, "forward").every((v) => v > 0 && Number.isFinite(v))).toBe(true);
  });

  it("measures gradients below float32 by a larger cotangent and reports what is zero as zero", async () => {
    const layers = repeat(7, () => constantScale({ factor: 1e-8 }));
    const rows = await measureRows(subjectOf(chain(layers), 1, 16, 1e30));
    // The first blocks' gradients are 1e-48 of the last one's, 1e-96 in the mean square.
    const values = blockValues(rows, "backward");
    expectRatios(values, 1e16, 1e-5);
  });

  it("gives exactly zero where no gradient arrives", async () => {
    const network = chain(
      repeat(2, () => identity()),
      { classifier: dense({ units: 10, initializer: zero() }) },
    );
    const rows = await measureRows(subjectOf(network));
    expect(blockValues(rows, "backward")).toEqual([0, 0]);
    const backward = spp.verdicts!(rows).find(({ aspect }) => aspect === "variance backward");
    expect(backward).toMatchObject({
      statement: expect.stringMatching(/^is exactly zero at every block backward \(/),
      level: "warning",
      value: 0,
    });
  });

  it("resolves a small variance on a large mean", async () => {
    const subject = subjectOf(chain([constantScale({ factor: 0.6 })]));
    const images = subject.batch.images.map((v) => 1000 + 0.01 * v);
    const rows = await measureRows({ ...subject, batch: { ...subject.batch, images } });
    const exact = images.reduce((sum, v) => sum + v, 0) / images.length;
    const variance = images.reduce((sum, v) => sum + (v - exact) ** 2, 0) / images.length;
    const measured = blockValues(rows, "forward", "variance")[0]!;
    // Products near 600 are rounded to 3e-5 in float32, 0.5 % of the spread of 0.006 and 0.002 % of its square;
    // plain float32 sums of squares would be off by 0.03 here, a thousand times the variance.
    expect(Math.abs(measured / (0.36 * variance) - 1)).toBeLessThan(2e-3);
  });

  it("predicts from the stem forward and from the last block backward", async () => {
    const theory = {
      forward: { statistic: "variance", gain: 1.3, asInPaper: 1.5 },
      backward: { statistic: "variance", gain: 0.6 },
      source: "planted",
    } as const;
    const network = chain(
      repeat(3, () => constantScale({ factor: 1.1 })),
      { theory },
    );
    const rows = await measureRows(subjectOf(network));
    const pick = (signal: string, direction: string) =>
      rows.find(
        (row) =>
          row.signal === signal && row.direction === direction && row.statistic === "variance",
      )!;
    const stem = pick("stem", "forward").value;
    const last = pick("blocks.2", "backward");
    expect(pick("blocks.0", "forward").predicted).toBeCloseTo(1.3 * stem, 12);
    expect(pick("blocks.2", "forward").predicted).toBeCloseTo(1.3 ** 3 * stem, 12);
    expect(pick("blocks.2", "forward").asInPaper).toBeCloseTo(1.5 ** 3 * stem, 12);
    expect(last.predicted).toBe(last.value);
    expect(pick("blocks.0", "backward").predicted).toBeCloseTo(0.36 * last.value, 12);
    expect(pick("blocks.0", "backward").asInPaper).toBeNull();
    expect(rows.filter((row) => row.predicted !== null).length).toBe(6);
    const forward = spp.verdicts!(rows)[0]!;
    expect(forward.predicted).toBeCloseTo(1.3, 12);
    expect(forward.statement).toBe("grows x1.21 a block forward; the paper's formula gives x1.50");
  });

  it("repeats the first block of a stage to the last bit in an isometric network", async () => {
    const given = { depth: 20, size: 8, input: "cifar", block: "basic", stem: "3x3", classes: 10 };
    const network = isonet.build(parseOptions(isonet.options, given, "isonet"));
    const rows = await measureRows(subjectOf(network, 3, 4));
    for (const statistic of ["variance", "averageChannelVariance", "meanSquare"] as const) {
      const values = blockValues(rows, "forward", statistic);
      expect(values.length).toBe(9);
      for (const k of [1, 2, 4, 5, 7, 8]) expect(values[k]).toBe(values[k - 1]);
      // Half of the channels of each new stage are empty, half of the positions are sampled each way.
      for (const k of [3, 6]) expect(values[k]! / values[k - 1]!).toBeLessThan(0.7);
    }
    const [forward, backward] = spp.verdicts!(rows);
    expect(forward!.statement).toMatch(/^switches at stage boundaries forward/);
    expect(backward!.statement).toMatch(/^switches at stage boundaries backward/);
  });

  it("meets the theory of residual blocks and prints the paper's figure beside it", async () => {
    const given = { depth: 20, size: 8, input: "cifar", block: "basic", stem: "3x3", classes: 10 };
    const options = parseOptions(idshort.options, { ...given, init: "brock" }, "idshort");
    const rows = await measureRows(subjectOf(idshort.build(options), 2, 16));
    for (const verdict of spp.verdicts!(rows)) {
      // Widths of 16 to 64 scatter: one draw of six steps inside stages lies within 10 % of infinite width.
      expect(Math.abs(verdict.value / verdict.predicted! - 1)).toBeLessThan(0.1);
    }
    const backward = spp.verdicts!(rows)[1]!;
    // (1 + k²)/2 with k = 1/(1 - 1/pi), printed for circular convolutions; 8x8 images lose much at the border.
    expect(backward.statement).toContain("the paper's formula gives x1.58");
  });

  it("turns dropout on only when asked, the same for equal keys", async () => {
    const network = () => subjectOf(chain([dropout({ rate: 0.4 }), identity()]));
    const off = blockValues(await measureRows(network()), "forward");
    const on = blockValues(await measureRows(network(), { dropout: "on" }), "forward");
    const again = blockValues(await measureRows(network(), { dropout: "on" }), "forward");
    expect(off[0]).toBeCloseTo(1, 1);
    // Kept values are divided by 0.6, so the mean square grows by 1/0.6; 1024 draws scatter by about 4 %.
    expect(Math.abs(on[0]! / off[0]! - 1 / 0.6)).toBeLessThan(0.25);
    expect(again).toEqual(on);
  });

  it("leaves no tensor behind", async () => {
    const before = tf.memory().numTensors;
    const layers = repeat(4, () => residual({ branch: constantScale({ factor: 1e10 }) }));
    await measureRows(subjectOf(chain(layers)));
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuses labels the network has no class for", async () => {
    const subject = subjectOf(chain([identity()]));
    const batch = { ...batchOf([64], 10, 2), labels: Int32Array.of(3, 12) };
    await expect(measureRows({ ...subject, batch })).rejects.toThrow(UserError);
    await expect(measureRows({ ...subject, batch })).rejects.toThrow(/label 12 .* 10 classes/);
  });
});
