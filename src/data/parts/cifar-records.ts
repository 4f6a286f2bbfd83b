import { UserError } from "../../core/errors.js";
import type { Dataset } from "../dataset.js";
import { sha256 } from "./files.js";
import { checkLabels } from "./labels.js";
import { planarDataset } from "./planar-images.js";

/** One label byte, then 1,024 red, green and blue bytes. */
export const recordBytes = 1 + 3 * 32 * 32;

const classes = 10;

/** A file of records with the name that messages give it. */
export interface RecordFile {
  readonly where: string;
  readonly bytes: Uint8Array;
}

function sizeHint(size: number): string {
  return size % (recordBytes + 1) === 0 ? " (CIFAR-100 has records of 3074 bytes)" : "";
}

/** Labels of a file of records. Throws `UserError` when its size or a label is impossible. */
export function cifarLabels({ where, bytes }: RecordFile): Int32Array {
  if (bytes.length === 0) throw new UserError(`${where}: empty; a record has ${recordBytes} bytes`);
  const rest = bytes.length % recordBytes;
  if (rest !== 0) {
    throw new UserError(
      `${where}: ${bytes.length} bytes leave ${rest} over; allowed: a multiple of ${recordBytes}` +
        `${sizeHint(bytes.length)}`,
    );
  }
  const count = bytes.length / recordBytes;
  return checkLabels(
    Uint8Array.from({ length: count }, (_, i) => bytes[i * recordBytes]!),
    classes,
    where,
  );
}

/** Where each image of several files lies. */
function imageViews(files: readonly RecordFile[]): readonly Uint8Array[] {
  return files.flatMap(({ bytes }) =>
    Array.from({ length: bytes.length / recordBytes }, (_, i) =>
      bytes.subarray(i * recordBytes + 1, (i + 1) * recordBytes),
    ),
  );
}

/**
 * CIFAR-10 images of files in the binary layout, in their order.
 * Throws `UserError` naming the file when a size or a label is impossible.
 * Source: Krizhevsky 2009, "Learning multiple layers of features from tiny images".
 */
export function cifarDataset(files: readonly RecordFile[]): Dataset {
  const labels = Int32Array.from(files.flatMap((file) => [...cifarLabels(file)]));
  const images = imageViews(files);
  return planarDataset({
    height: 32,
    width: 32,
    classes,
    labels,
    planes: (index) => images[index]!,
    means: [0.4914, 0.4822, 0.4465],
    deviations: [0.2023, 0.1994, 0.201],
    convention: "the numbers of the networks' published code",
    hash: sha256(...files.map(({ bytes }) => bytes)),
  });
}
