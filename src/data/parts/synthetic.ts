import type { Key } from "../../core/random.js";
import { fold, normal, uniform } from "../../core/random.js";
import { formatShape, sizeOf } from "../../core/shape.js";
import type { DataRequest, Dataset } from "../dataset.js";
import { sha256 } from "./files.js";

/** Standard normal values of sample `index`, float64; equal whatever else is drawn. */
export function normalSample(key: Key, index: number, size: number): Float64Array {
  return normal(fold(key, `sample.${index}`), size);
}

function randomLabels({ key, count, classes }: DataRequest): Int32Array {
  return Int32Array.from(uniform(fold(key, "labels"), count, 0, classes), Math.floor);
}

/** What makes a synthetic dataset: a line that tells the recipe, and the values of one sample. */
export interface SyntheticRecipe {
  readonly recipe: string;
  sample(index: number, size: number): Float64Array;
}

/** A dataset of drawn images with uniformly random labels; its hash is that of the whole recipe. */
export function syntheticDataset(
  request: DataRequest,
  { recipe, sample }: SyntheticRecipe,
): Dataset {
  const { shape, classes, count, key } = request;
  const size = sizeOf(shape);
  const whole = `${recipe} shape=${formatShape(shape)} classes=${classes} count=${count}`;
  return {
    count,
    shape,
    classes,
    labels: randomLabels(request),
    normalisation: `none: ${recipe}`,
    hash: sha256(`${whole} key=${key.high}:${key.low}`),
    read: (index, out, offset) => out.set(sample(index, size), offset),
  };
}
