import type { Dataset } from "../dataset.js";

/** Byte images whose channels lie one after the other, each plane row by row. */
export interface PlanarImages {
  readonly height: number;
  readonly width: number;
  readonly classes: number;
  readonly labels: Int32Array;
  /** `channels x height x width` bytes of image `index`. */
  planes(index: number): Uint8Array;
  /** Mean of each channel of pixels divided by 255. */
  readonly means: readonly number[];
  /** What each channel is divided by after its mean was taken off. */
  readonly deviations: readonly number[];
  /** Where the two come from. */
  readonly convention: string;
  readonly hash: string;
}

/** The normalised value of each of the 256 bytes. */
function valueTable(mean: number, deviation: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - mean) / deviation);
}

function describe({ means, deviations, convention }: PlanarImages): string {
  const list = (numbers: readonly number[]) => `(${numbers.join(", ")})`;
  return `(pixel / 255 - ${list(means)}) / ${list(deviations)}, ${convention}`;
}

/** A dataset of byte images, read as `[height, width, channels]`, normalised by channel. */
export function planarDataset(images: PlanarImages): Dataset {
  const { height, width, means, deviations } = images;
  const channels = means.length;
  const plane = height * width;
  const tables = means.map((mean, c) => valueTable(mean, deviations[c]!));
  return {
    count: images.labels.length,
    shape: [height, width, channels],
    classes: images.classes,
    labels: images.labels,
    normalisation: describe(images),
    hash: images.hash,
    read: (index, out, offset) => {
      const bytes = images.planes(index);
      tables.forEach((table, c) => {
        for (let p = 0; p < plane; p++) {
          out[offset + p * channels + c] = table[bytes[c * plane + p]!]!;
        }
      });
    },
  };
}
