import { dirname, join } from "node:path";
import { parse } from "npyjs";
import { UserError } from "../core/errors.js";
import type { Shape } from "../core/shape.js";
import { formatShape, sizeOf } from "../core/shape.js";
import type { DataRequest, Dataset, DatasetReader } from "./dataset.js";
import { namesIn, readWhole, sha256 } from "./parts/files.js";
import { checkLabels } from "./parts/labels.js";
import { checkNpy, elementBytes } from "./parts/npy-header.js";
import { needPath } from "./parts/path.js";
import { placeOf } from "./parts/place.js";

const imageTypes = ["<f4", "<f8", "|u1"];
const labelTypes = Object.keys(elementBytes).filter((type) => /[iu]/.test(type));
const mostClasses = 100_000;

type Values = Float32Array | Float64Array | Uint8Array;

/** An array as numbers; the bytes were checked before. */
function parseValues(bytes: Uint8Array): ArrayLike<number | bigint> {
  const { data } = parse(new Uint8Array(bytes).buffer);
  if (data instanceof DataView) throw new Error("npyjs gave no typed array");
  return data as ArrayBufferView & ArrayLike<number | bigint>;
}

/** Images `[count, height, width, channels]` of an .npy file. */
export interface NpyImages {
  readonly count: number;
  readonly shape: Shape;
  readonly values: Values;
}

/** Reads images. Throws `UserError` for another shape or type, or a value not finite in float32. */
export function readNpyImages(bytes: Uint8Array, where: string): NpyImages {
  const whole = checkNpy(bytes, imageTypes, where);
  if (whole.length !== 4 || whole.includes(0)) {
    throw new UserError(
      `${where}: shape ${formatShape(whole)}; allowed: images x height x width x channels, from 1`,
    );
  }
  const values = parseValues(bytes) as Values;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(Math.fround(values[i]!))) continue;
    throw new UserError(`${where}: ${values[i]} at ${placeOf(i, whole)}; allowed: finite numbers`);
  }
  return { count: whole[0]!, shape: whole.slice(1), values };
}

/** Reads labels. Throws `UserError` for another shape or type, or a label outside 0..99999. */
export function readNpyLabels(bytes: Uint8Array, where: string): Int32Array {
  const shape = checkNpy(bytes, labelTypes, where);
  if (shape.length !== 1) {
    throw new UserError(`${where}: shape ${formatShape(shape)}; allowed: one axis`);
  }
  return checkLabels(Array.from(parseValues(bytes), Number), mostClasses, where);
}

function labelsFor(path: string): string {
  const folder = dirname(path);
  const own = path.replace(/(\.npy)?$/, ".labels.npy");
  const there = namesIn(folder).map((name) => join(folder, name));
  const found = [own, join(folder, "labels.npy")].find((candidate) => there.includes(candidate));
  if (found !== undefined) return found;
  throw new UserError(`${path}: no labels; allowed: ${own} or labels.npy beside it`);
}

function dataset({ count, shape, values }: NpyImages, labels: Int32Array, hash: string): Dataset {
  const size = sizeOf(shape);
  const bytes = values instanceof Uint8Array;
  return {
    count,
    shape,
    classes: labels.reduce((most, label) => Math.max(most, label + 1), 2),
    labels,
    normalisation: bytes ? "none but pixel / 255" : "none: values as they are in the file",
    hash,
    read: (index, out, offset) => {
      const start = index * size;
      for (let i = 0; i < size; i++) {
        out[offset + i] = bytes ? values[start + i]! / 255 : values[start + i]!;
      }
    },
  };
}

function load(request: DataRequest): Dataset {
  const where = needPath(request, "npy:FILE.npy");
  const file = readWhole(where);
  const images = readNpyImages(file, where);
  const beside = labelsFor(where);
  const labelFile = readWhole(beside);
  const labels = readNpyLabels(labelFile, beside);
  if (labels.length !== images.count) {
    throw new UserError(
      `${beside}: ${labels.length} labels, but ${where} has ${images.count} images`,
    );
  }
  return dataset(images, labels, sha256(file, labelFile));
}

/** Arrays that NumPy wrote. */
const reader: DatasetReader = {
  title: "NumPy array",
  source: "NumPy, NEP 1 (the .npy format)",
  summary:
    "Images x height x width x channels, with labels in FILE.labels.npy or labels.npy beside it.",
  argument: "FILE.npy",
  load: async (request) => load(request),
};

export default reader;
