import { describe, expect, it } from "vitest";
import { predictPath } from "../../../src/analyses/parts/prediction.js";
import type { Network, Prediction } from "../../../src/architectures/architecture.js";
import { identity } from "../../../src/layers/identity.js";
import { chain } from "../subjects.js";

function network(predictions: readonly (Omit<Prediction, "statistic"> | undefined)[]): Network {
  const plain = chain(predictions.map(() => identity()));
  const blocks = plain.blocks.map((block, k) => {
    const given = predictions[k];
    if (given === undefined) return block;
    const prediction: Prediction = { statistic: "variance", ...given };
    return { ...block, theory: { forward: prediction, backward: prediction, source: "planted" } };
  });
  return { ...plain, blocks };
}

const measured = { stem: 10, blocks: [20, 30, 40, 50] };
const close = (values: readonly (number | null)[]) =>
  values.map((v) => (v === null ? null : expect.closeTo(v, 10)));

describe("predictions along the blocks", () => {
  it("multiply gains from the stem forward", () => {
    const gains = network([{ gain: 1.3 }, { gain: 0.6 }, { gain: 1.3 }, { gain: 2 }]);
    expect(predictPath(gains, "forward", "variance", measured)).toEqual(
      close([13, 7.8, 10.14, 20.28]),
    );
  });

  it("multiply the gains of later blocks from the last block backward", () => {
    const gains = network([{ gain: 100 }, { gain: 0.6 }, { gain: 1.3 }, { gain: 2 }]);
    expect(predictPath(gains, "backward", "variance", measured)).toEqual(close([78, 130, 100, 50]));
  });

  it("start anew at a measurement behind a block without theory", () => {
    const gains = network([{ gain: 1.3 }, undefined, { gain: 1.3 }, { gain: 2 }]);
    expect(predictPath(gains, "forward", "variance", measured)).toEqual(close([13, null, 39, 78]));
    expect(predictPath(gains, "backward", "variance", measured)).toEqual(
      close([null, 130, 100, 50].map((v, k) => (k === 0 ? null : v))),
    );
  });

  it("take a value as it is", () => {
    const values = network([{ value: 0.7 }, { value: 0.3 }, { gain: 2 }, { value: 0.1 }]);
    expect(predictPath(values, "forward", "variance", measured)).toEqual(
      close([0.7, 0.3, 0.6, 0.1]),
    );
  });

  it("say nothing of other statistics", () => {
    const gains = network([{ gain: 1.3 }, { gain: 1.3 }, { gain: 1.3 }, { gain: 1.3 }]);
    for (const direction of ["forward", "backward"] as const)
      expect(predictPath(gains, direction, "meanSquare", measured)).toEqual([
        null,
        null,
        null,
        null,
      ]);
  });

  it("follow the paper's gains where it prints some, and ours elsewhere", () => {
    const gains = network([{ gain: 1.3, asInPaper: 1.5 }, { gain: 0.6 }, { gain: 2 }, { gain: 2 }]);
    expect(predictPath(gains, "forward", "variance", measured, "asInPaper")).toEqual(
      close([15, 9, 18, 36]),
    );
    const silent = network([{ gain: 1.3 }, { gain: 0.6 }, { gain: 2 }, { gain: 2 }]);
    expect(predictPath(silent, "forward", "variance", measured, "asInPaper")).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  it("are null, not infinite, behind an overflow", () => {
    const gains = network([undefined, { gain: 1.3 }]);
    const lost = { stem: 1, blocks: [Number.POSITIVE_INFINITY, Number.NaN] };
    expect(predictPath(gains, "forward", "variance", lost)).toEqual([null, null]);
    expect(predictPath(gains, "backward", "variance", lost)).toEqual([null, null]);
  });
});
