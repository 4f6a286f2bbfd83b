import { UserError } from "../../core/errors.js";
import type { Key } from "../../core/random.js";
import { permutation } from "../../core/random.js";
import { sizeOf } from "../../core/shape.js";
import type { Batch, Dataset } from "../dataset.js";

/** Samples of a dataset by their positions, in that order: images `[indices.length, ...shape]`. */
export function readBatch(dataset: Dataset, indices: ArrayLike<number>): Batch {
  const size = sizeOf(dataset.shape);
  const images = new Float32Array(indices.length * size);
  for (let i = 0; i < indices.length; i++) dataset.read(indices[i]!, images, i * size);
  return {
    count: indices.length,
    shape: dataset.shape,
    images,
    labels: Int32Array.from(indices, (index) => dataset.labels[index]!),
  };
}

/**
 * `count` samples of a dataset in random order, none twice; for one key, larger batches begin like
 * smaller ones.
 * Throws `UserError` when the dataset, called `name` in the message, has fewer.
 */
export function selectBatch(dataset: Dataset, count: number, key: Key, name = "the data"): Batch {
  if (!Number.isInteger(count) || count < 1) {
    throw new UserError(`--batch ${count}: allowed: 1 to ${dataset.count}`);
  }
  if (count > dataset.count) {
    throw new UserError(`--batch ${count}: ${name} has ${dataset.count} images`);
  }
  return readBatch(dataset, permutation(key, dataset.count).subarray(0, count));
}
