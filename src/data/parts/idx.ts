import { UserError } from "../../core/errors.js";
import type { Dataset } from "../dataset.js";
import { sha256 } from "./files.js";
import { gunzip, isGzip } from "./gzip.js";
import { checkLabels } from "./labels.js";
import { planarDataset } from "./planar-images.js";

/** The largest idx file that is unpacked, in bytes. */
const sizeLimit = 2 ** 30;

/** An idx file of bytes: sizes of its axes and the values. */
export interface IdxFile {
  readonly sizes: readonly number[];
  readonly values: Uint8Array;
  /** The whole file, unpacked. */
  readonly bytes: Uint8Array;
}

function magicHint(bytes: Uint8Array): string {
  const type = bytes[2];
  const plausible = bytes[0] === 0 && bytes[1] === 0 && type !== undefined && type !== 8;
  return plausible ? `: type 0x${type.toString(16)}, not 0x08 for bytes` : "";
}

/** Reads the header and says how many bytes the file has by it. */
function header(first: Uint8Array, rank: number, where: string): readonly number[] {
  const length = 4 + 4 * rank;
  if (first.length < length) {
    throw new UserError(`${where}: ${first.length} bytes; the idx header has ${length}`);
  }
  const view = new DataView(first.buffer, first.byteOffset, first.byteLength);
  const magic = view.getUint32(0);
  if (magic !== 0x800 + rank) {
    throw new UserError(
      `${where}: idx magic ${magic}; allowed: ${0x800 + rank}${magicHint(first)}`,
    );
  }
  return Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
}

function claimedBytes(sizes: readonly number[], where: string): number {
  const claimed = 4 + 4 * sizes.length + sizes.reduce((product, n) => product * n, 1);
  if (claimed > sizeLimit || sizes.includes(0)) {
    throw new UserError(
      `${where}: the idx header says ${sizes.join(" x ")}; ` +
        `allowed: sizes from 1, ${sizeLimit} bytes`,
    );
  }
  return claimed;
}

/**
 * Reads an idx file of bytes with `rank` axes, packed by gzip or not.
 * Throws `UserError` when the magic number is another, or the length is not what the header says.
 * Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits", file formats.
 */
export function readIdx(packed: Uint8Array, rank: number, where: string): IdxFile {
  const claim = (first: Uint8Array) => claimedBytes(header(first, rank, where), where);
  const bytes = isGzip(packed) ? gunzip(packed, claim, where) : packed;
  const sizes = header(bytes, rank, where);
  const claimed = claimedBytes(sizes, where);
  if (bytes.length !== claimed) {
    throw new UserError(
      `${where}: ${bytes.length} bytes; its header says ${sizes.join(" x ")}: ${claimed} bytes`,
    );
  }
  return { sizes, values: bytes.subarray(4 + 4 * rank), bytes };
}

/** Two files that belong together, with the names that messages give them. */
export interface IdxPair {
  readonly images: { readonly where: string; readonly bytes: Uint8Array };
  readonly labels: { readonly where: string; readonly bytes: Uint8Array };
}

/** Greyscale images with labels 0..9. Throws `UserError` when the two files do not agree. */
export function idxDataset({ images, labels }: IdxPair): Dataset {
  const { sizes, values, bytes } = readIdx(images.bytes, 3, images.where);
  const named = readIdx(labels.bytes, 1, labels.where);
  const [count, height, width] = [sizes[0]!, sizes[1]!, sizes[2]!];
  if (named.sizes[0] !== count) {
    throw new UserError(
      `${labels.where}: ${named.sizes[0]} labels, but ${images.where} has ${count} images`,
    );
  }
  return planarDataset({
    height,
    width,
    classes: 10,
    labels: checkLabels(named.values, 10, labels.where),
    planes: (index) => values.subarray(index * height * width, (index + 1) * height * width),
    means: [0.1307],
    deviations: [0.3081],
    convention: "mean and deviation of MNIST's training pixels",
    hash: sha256(bytes, named.bytes),
  });
}
