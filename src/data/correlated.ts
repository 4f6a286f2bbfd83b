import { UserError } from "../core/errors.js";
import type { Key } from "../core/random.js";
import { fold, normal } from "../core/random.js";
import { z } from "../core/schema.js";
import { sizeOf } from "../core/shape.js";
import type { DataRequest, DatasetReader } from "./dataset.js";
import { parseSettings } from "./parts/settings.js";
import { normalSample, syntheticDataset } from "./parts/synthetic.js";

const settings = z.strictObject({
  /** Expected cosine of every pair. */
  c: z.number().min(-1).max(1).default(0.5),
});

/** `0.6` and `c=0.6` are the same. */
function cosineOf({ argument, count }: DataRequest): number {
  const bare = argument !== undefined && !argument.includes("=");
  const { c } = parseSettings(settings, bare ? `c=${argument}` : argument, "correlated");
  const least = count > 1 ? -1 / (count - 1) : -1;
  if (c >= least) return c;
  throw new UserError(`--data correlated: c=${c} for ${count} images; allowed: ${least} to 1`);
}

/** What all images share: a vector of its own for c >= 0, the mean of the own parts for c < 0. */
interface Shared {
  readonly weight: number;
  readonly values: Float64Array;
}

function meanSample(key: Key, count: number, size: number): Float64Array {
  const mean = new Float64Array(size);
  for (let index = 0; index < count; index++) {
    const sample = normalSample(key, index, size);
    for (let i = 0; i < size; i++) mean[i]! += sample[i]! / count;
  }
  return mean;
}

/**
 * x_i = sqrt(1-c) z_i + shared, with covariance (1-c) I + c 11ᵀ between images at every pixel.
 * For c < 0 it is the symmetric square root of that matrix, with eigenvalue 1 + (n-1)c on the mean.
 */
function sharedPart(c: number, key: Key, { count, shape }: DataRequest): Shared {
  const size = sizeOf(shape);
  if (c >= 0) return { weight: Math.sqrt(c), values: normal(fold(key, "shared"), size) };
  const onMean = Math.sqrt(Math.max(0, 1 + (count - 1) * c));
  return { weight: onMean - Math.sqrt(1 - c), values: meanSample(key, count, size) };
}

/** Normal images with a prescribed cosine between any two. */
const reader: DatasetReader = {
  title: "Correlated Gaussian inputs",
  source: "Poole et al. 2016, arXiv:1606.05340 (how the correlation of two inputs travels)",
  summary:
    "Normal images of variance 1; every pair has expected cosine c, -1/(n-1) to 1, 0.5 by default.",
  argument: "[c=C]",
  load: async (request) => {
    const c = cosineOf(request);
    const key = fold(request.key, "correlated");
    const own = Math.sqrt(1 - c);
    const { weight, values } = sharedPart(c, key, request);
    return syntheticDataset(request, {
      recipe: `normal values of mean 0 and deviation 1, every two images of expected cosine ${c}`,
      sample: (index, size) =>
        normalSample(key, index, size).map((x, i) => own * x + weight * values[i]!),
    });
  },
};

export default reader;
