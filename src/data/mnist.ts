import { basename, dirname, join } from "node:path";
import { UserError } from "../core/errors.js";
import type { DataRequest, DatasetReader } from "./dataset.js";
import { kindOf, namesIn, readWhole } from "./parts/files.js";
import { idxDataset } from "./parts/idx.js";
import { needPath } from "./parts/path.js";

const imageNames = /^(.*)images([-.])idx3-ubyte(\.gz)?$/;

/** The images of a folder: training before test, unpacked before packed. */
function imagesIn(folder: string): string {
  const names = namesIn(folder).filter((name) => imageNames.test(name));
  const order = (name: string) =>
    (name.startsWith("train") ? 0 : 2) + (name.endsWith(".gz") ? 1 : 0);
  const chosen = names.toSorted((a, b) => order(a) - order(b))[0];
  if (chosen !== undefined) return join(folder, chosen);
  const there = namesIn(folder).slice(0, 8).join(", ") || "nothing";
  throw new UserError(
    `${folder}: no train-images-idx3-ubyte[.gz] or t10k-images-idx3-ubyte[.gz] here, but ${there}`,
  );
}

/** The labels beside the images, packed or not. */
function labelsFor(images: string): string {
  const [, start, dot] = imageNames.exec(basename(images)) ?? [];
  if (start === undefined) {
    throw new UserError(
      `${images}: allowed: a folder, or ...images-idx3-ubyte[.gz] with its labels beside it`,
    );
  }
  const plain = `${start}labels${dot}idx1-ubyte`;
  const there = namesIn(dirname(images));
  const name = [plain, `${plain}.gz`].find((candidate) => there.includes(candidate));
  if (name !== undefined) return join(dirname(images), name);
  throw new UserError(`${images}: its labels ${plain}[.gz] are not in the same folder`);
}

function load(request: DataRequest) {
  const path = needPath(request, "mnist:DIR");
  const images = kindOf(path) === "folder" ? imagesIn(path) : path;
  const labels = labelsFor(images);
  return idxDataset({
    images: { where: images, bytes: readWhole(images) },
    labels: { where: labels, bytes: readWhole(labels) },
  });
}

/** MNIST from its idx files. */
const reader: DatasetReader = {
  title: "MNIST",
  source: "LeCun, Cortes, Burges 1998, The MNIST database of handwritten digits",
  summary:
    "28x28 grey digits from idx files, packed or not: a folder's training pair or its test pair.",
  argument: "DIR",
  load: async (request) => load(request),
};

export default reader;
