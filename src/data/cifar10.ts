import { join, resolve } from "node:path";
import { UserError } from "../core/errors.js";
import type { DataRequest, DatasetReader } from "./dataset.js";
import { cifarDataset } from "./parts/cifar-records.js";
import { kindOf, namesIn, readWhole } from "./parts/files.js";
import { needPath } from "./parts/path.js";

/** Training batches of a folder, or its test batches when there are no others. */
function batchFiles(folder: string): readonly string[] {
  const names = namesIn(folder);
  const training = names.filter((name) => /^data_batch_\d+\.bin$/.test(name));
  const chosen =
    training.length > 0 ? training : names.filter((name) => /^test_batch.*\.bin$/.test(name));
  if (chosen.length > 0) return chosen.map((name) => join(folder, name));
  const there = names.length === 0 ? "nothing" : names.slice(0, 8).join(", ");
  const more = names.length > 8 ? ` and ${names.length - 8} more` : "";
  throw new UserError(
    `${folder}: no data_batch_*.bin or test_batch*.bin here, but ${there}${more}; ` +
      "allowed: a folder of the binary version of CIFAR-10, or one .bin file",
  );
}

function filesOf(request: DataRequest): readonly string[] {
  const path = needPath(request, "cifar10:DIR");
  return kindOf(path) === "folder" ? batchFiles(path) : [resolve(path)];
}

/** CIFAR-10 from its binary files. */
const reader: DatasetReader = {
  title: "CIFAR-10",
  source: "Krizhevsky 2009, Learning multiple layers of features from tiny images",
  summary:
    "32x32 colour photographs of ten classes: the training batches of a folder, or one .bin file.",
  argument: "DIR",
  load: async (request) =>
    cifarDataset(filesOf(request).map((path) => ({ where: path, bytes: readWhole(path) }))),
};

export default reader;
