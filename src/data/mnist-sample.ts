import type { DatasetReader } from "./dataset.js";
import { assetPath } from "./parts/assets.js";
import { readWhole } from "./parts/files.js";
import { idxDataset } from "./parts/idx.js";

function asset(name: string) {
  const where = assetPath(name);
  return { where, bytes: readWhole(where) };
}

/** The bundled digits of MNIST. */
const reader: DatasetReader = {
  title: "MNIST, 320 images",
  source: "LeCun, Cortes, Burges 1998, The MNIST database of handwritten digits",
  summary: "The first 32 training images of each digit of MNIST; they come with the package.",
  argument: "",
  load: async () =>
    idxDataset({
      images: asset("mnist-sample-images-idx3-ubyte.gz"),
      labels: asset("mnist-sample-labels-idx1-ubyte.gz"),
    }),
};

export default reader;
