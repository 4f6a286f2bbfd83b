import { expect, test } from "vitest";
import { UserError } from "../../../src/core/errors.js";
import { keyOf } from "../../../src/core/random.js";
import type { Dataset } from "../../../src/data/dataset.js";
import { readBatch, selectBatch } from "../../../src/data/parts/batch.js";

/** Image `i` holds `i` and `i + 0.5`, its label is `i`. */
const numbered: Dataset = {
  count: 50,
  shape: [2, 1, 1],
  classes: 50,
  labels: Int32Array.from({ length: 50 }, (_, i) => i),
  normalisation: "none",
  hash: "",
  read: (index, out, offset) => out.set([index, index + 0.5], offset),
};

test("A batch holds each image at most once, with its own label", () => {
  const batch = selectBatch(numbered, 50, keyOf(6));
  expect(batch.shape).toEqual([2, 1, 1]);
  expect(batch.labels.toSorted()).toEqual(numbered.labels);
  batch.labels.forEach((label, i) => {
    expect([...batch.images.subarray(2 * i, 2 * i + 2)]).toEqual([label, label + 0.5]);
  });
});

test("A larger batch of the same key begins with the smaller one", () => {
  const few = selectBatch(numbered, 13, keyOf(6));
  const many = selectBatch(numbered, 31, keyOf(6));
  expect(many.labels.slice(0, 13)).toEqual(few.labels);
  expect(selectBatch(numbered, 13, keyOf(7)).labels).not.toEqual(few.labels);
});

test("Chosen positions are read in their order", () => {
  expect([...readBatch(numbered, [9, 3]).images]).toEqual([9, 9.5, 3, 3.5]);
});

test("A batch larger than the data, or no number of images, is refused", () => {
  const select = (count: number) => () => selectBatch(numbered, count, keyOf(6), "cifar10-sample");
  expect(select(51)).toThrow(new UserError("--batch 51: cifar10-sample has 50 images"));
  for (const count of [0, -1, 1.5, Number.NaN]) {
    expect(select(count)).toThrow(new UserError(`--batch ${count}: allowed: 1 to 50`));
  }
});
