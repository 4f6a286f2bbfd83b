import type { DatasetReader } from "./dataset.js";
import { assetPath } from "./parts/assets.js";
import { cifarDataset, recordBytes } from "./parts/cifar-records.js";
import { readWhole } from "./parts/files.js";
import { gunzip } from "./parts/gzip.js";

const images = 320;

/** The bundled images of CIFAR-10. */
const reader: DatasetReader = {
  title: "CIFAR-10, 320 images",
  source: "Krizhevsky 2009, Learning multiple layers of features from tiny images",
  summary:
    "The first 32 images of each class of CIFAR-10's first batch; they come with the package.",
  argument: "",
  load: async () => {
    const where = assetPath("cifar10-sample.bin.gz");
    const bytes = gunzip(readWhole(where), () => images * recordBytes, where);
    return cifarDataset([{ where, bytes }]);
  },
};

export default reader;
