import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyOf, uniform } from "../../../src/core/random.js";
import type { DataRequest } from "../../../src/data/dataset.js";

/** A folder of its own for a test file, and what removes it. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "isoscope-data-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A request as the experiment makes it, with what a test sets. */
export function request(settings: Partial<DataRequest> = {}): DataRequest {
  return {
    argument: undefined,
    folder: process.cwd(),
    shape: [6, 5, 3],
    classes: 7,
    key: keyOf(3),
    count: 12,
    ...settings,
  };
}

/** `count` bytes that repeat for the same seed. */
export function randomBytes(seed: number, count: number): Uint8Array {
  return Uint8Array.from(uniform(keyOf(seed), count, 0, 256), Math.floor);
}

/** An idx file: magic number, sizes, values. */
export function idxBytes(sizes: readonly number[], values: Uint8Array): Uint8Array {
  const out = new Uint8Array(4 + 4 * sizes.length + values.length);
  const view = new DataView(out.buffer);
  [0x800 + sizes.length, ...sizes].forEach((word, i) => {
    view.setUint32(4 * i, word);
  });
  out.set(values, 4 + 4 * sizes.length);
  return out;
}

/** An .npy file of version 1 as numpy.save writes it. */
export function npyBytes(
  type: string,
  shape: readonly number[],
  data: ArrayBufferView,
  order = "False",
): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${type}', 'fortran_order': ${order}, 'shape': (${sizes}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const header = `${text.padEnd(length - 1)}\n`;
  const out = new Uint8Array(10 + length + data.byteLength);
  out.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 0xff, length >> 8]);
  out.set(new TextEncoder().encode(header), 10);
  out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + length);
  return out;
}

/** CIFAR-10 records with the given labels and repeatable pixels. */
export function cifarBytes(labels: readonly number[], seed = 5): Uint8Array {
  const out = randomBytes(seed, 3073 * labels.length);
  labels.forEach((label, i) => {
    out[3073 * i] = label;
  });
  return out;
}
