// Makes the samples in assets/ from full copies of CIFAR-10 (binary version) and MNIST (idx files):
// node scripts/make-samples.mjs CIFAR10_DIR MNIST_DIR
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";

const perClass = 32;
const classes = 10;
const recordBytes = 3073;
const imageBytes = 28 * 28;

/** Positions of the first `perClass` labels of each class, in the order of the data. */
function firstOfEachClass(labels) {
  const found = new Array(classes).fill(0);
  return [...labels.keys()].filter((i) => found[labels[i]]++ < perClass);
}

function cifarSample(folder) {
  const bytes = readFileSync(join(folder, "data_batch_1.bin"));
  const labels = Uint8Array.from(
    { length: bytes.length / recordBytes },
    (_, i) => bytes[i * recordBytes],
  );
  return Buffer.concat(
    firstOfEachClass(labels).map((i) => bytes.subarray(i * recordBytes, (i + 1) * recordBytes)),
  );
}

function idx(magic, sizes, values) {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  [magic, ...sizes].forEach((word, i) => {
    header.writeUInt32BE(word, 4 * i);
  });
  return Buffer.concat([header, values]);
}

function mnistSample(folder) {
  const read = (name) => gunzipSync(readFileSync(join(folder, `train-${name}-ubyte.gz`)));
  const images = read("images-idx3").subarray(16);
  const labels = read("labels-idx1").subarray(8);
  const chosen = firstOfEachClass(labels);
  const pixels = chosen.map((i) => images.subarray(i * imageBytes, (i + 1) * imageBytes));
  return {
    images: idx(2051, [chosen.length, 28, 28], Buffer.concat(pixels)),
    labels: idx(2049, [chosen.length], Buffer.from(chosen.map((i) => labels[i]))),
  };
}

function write(name, bytes) {
  const packed = gzipSync(bytes, { level: 9 });
  writeFileSync(fileURLToPath(new URL(`../assets/${name}`, import.meta.url)), packed);
  console.log(`assets/${name}: ${packed.length} bytes, ${bytes.length} unpacked`);
}

const [cifarFolder, mnistFolder] = process.argv.slice(2);
if (mnistFolder === undefined) {
  console.error("usage: node scripts/make-samples.mjs CIFAR10_DIR MNIST_DIR");
  process.exit(2);
}
const mnist = mnistSample(mnistFolder);
write("cifar10-sample.bin.gz", cifarSample(cifarFolder));
write("mnist-sample-images-idx3-ubyte.gz", mnist.images);
write("mnist-sample-labels-idx1-ubyte.gz", mnist.labels);
