import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { UserError } from "../../src/core/errors.js";
import mnist from "../../src/data/mnist.js";
import { sha256 } from "../../src/data/parts/files.js";
import { readIdx } from "../../src/data/parts/idx.js";
import { idxBytes, randomBytes, request, temporaryFolder } from "./parts/files-for-tests.js";

const temporary = temporaryFolder();
afterAll(() => temporary.remove());

const pixels = randomBytes(8, 3 * 4 * 5);
const images = idxBytes([3, 4, 5], pixels);
const labels = idxBytes([3], Uint8Array.of(7, 0, 9));

function folder(name: string, files: Readonly<Record<string, Uint8Array>>): string {
  const path = join(temporary.path, name);
  mkdirSync(path, { recursive: true });
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(path, file), bytes);
  return path;
}

async function refusal(argument: string): Promise<string> {
  const thrown: unknown = await mnist.load(request({ argument })).catch((error) => error);
  expect(thrown).toBeInstanceOf(UserError);
  expect((thrown as Error).message).not.toContain("\n");
  return (thrown as Error).message;
}

test("Pixels keep their place and are normalised by 0.1307 and 0.3081", async () => {
  const path = folder("plain", {
    "train-images-idx3-ubyte": images,
    "train-labels-idx1-ubyte": labels,
  });
  const data = await mnist.load(request({ argument: path }));
  expect([data.count, data.shape, data.classes]).toEqual([3, [4, 5, 1], 10]);
  expect([...data.labels]).toEqual([7, 0, 9]);
  expect(data.normalisation).toContain("(0.1307)) / (0.3081)");
  const out = new Float32Array(20);
  data.read(2, out, 0);
  const expected = Array.from(pixels.slice(40), (byte) =>
    Math.fround((byte / 255 - 0.1307) / 0.3081),
  );
  expect([...out]).toEqual(expected);
});

test("Packed files, dotted names and one file by name give the same data and hash", async () => {
  const packed = folder("packed", {
    "train-images-idx3-ubyte.gz": gzipSync(images),
    "train-labels-idx1-ubyte.gz": gzipSync(labels),
  });
  const dotted = folder("dotted", {
    "t10k-images.idx3-ubyte": images,
    "t10k-labels.idx1-ubyte": labels,
  });
  const file = join(dotted, "t10k-images.idx3-ubyte");
  const hash = sha256(images, labels);
  for (const argument of [packed, dotted, file]) {
    expect((await mnist.load(request({ argument }))).hash).toBe(hash);
  }
});

test("Training files come before test files", async () => {
  const path = folder("both", {
    "t10k-images-idx3-ubyte": idxBytes([1, 4, 5], pixels.slice(0, 20)),
    "t10k-labels-idx1-ubyte": idxBytes([1], Uint8Array.of(1)),
    "train-images-idx3-ubyte.gz": gzipSync(images),
    "train-labels-idx1-ubyte": labels,
  });
  expect((await mnist.load(request({ argument: path }))).count).toBe(3);
});

const pair = (own: Uint8Array, named: Uint8Array) =>
  folder("bad", { "train-images-idx3-ubyte": own, "train-labels-idx1-ubyte": named });

test.each([
  ["another magic number", images.slice().fill(1, 3, 4), labels, /idx magic 2049; allowed: 2051/],
  ["another element type", images.slice().fill(0x0d, 2, 3), labels, /type 0xd, not 0x08 for bytes/],
  [
    "fewer bytes than its sizes say",
    images.slice(0, 70),
    labels,
    /70 bytes; its header says 3 x 4 x 5: 76 bytes/,
  ],
  [
    "more bytes than its sizes say",
    idxBytes([2, 4, 5], pixels),
    labels,
    /76 bytes; its header says 2 x 4 x 5: 56/,
  ],
  [
    "sizes of 2^31",
    idxBytes([2 ** 31, 2 ** 31, 28], pixels),
    labels,
    /header says 2147483648 x 2147483648 x 28; allowed/,
  ],
  [
    "a size of 0",
    idxBytes([0, 4, 5], new Uint8Array(0)),
    labels,
    /header says 0 x 4 x 5; allowed: sizes from 1/,
  ],
  ["half a header", images.slice(0, 9), labels, /9 bytes; the idx header has 16/],
  [
    "more images than labels",
    images,
    idxBytes([2], Uint8Array.of(1, 2)),
    /2 labels, but .* has 3 images/,
  ],
  [
    "a label of 10",
    images,
    idxBytes([3], Uint8Array.of(1, 10, 2)),
    /label 10 of record 1; allowed: 0 to 9/,
  ],
  [
    "a packed file that is cut",
    gzipSync(images).subarray(0, 60),
    labels,
    /the gzip file is cut off/,
  ],
  [
    "a packed file that is damaged",
    gzipSync(images).fill(0xff, 12, 30),
    labels,
    /damaged gzip|cut off/,
  ],
  [
    "a packed file of more than it says",
    gzipSync(Buffer.concat([images, pixels])),
    labels,
    /unpacks to more than the 76 bytes/,
  ],
])("Files with %s are refused with where and what", async (_, own, named, expected) => {
  expect(await refusal(pair(own, named))).toMatch(expected);
});

test("Folders without idx files and images without labels are told", async () => {
  expect(await refusal(folder("none", { "a.txt": labels }))).toMatch(
    /train-images-idx3-ubyte.* but a.txt/,
  );
  expect(await refusal(folder("alone", { "train-images-idx3-ubyte": images }))).toMatch(
    /its labels train-labels-idx1-ubyte\[.gz\] are not in the same folder/,
  );
  expect(await refusal(join(folder("named", { "x.bin": images }), "x.bin"))).toMatch(
    /allowed: a folder/,
  );
});

test("A small packed file that would unpack to 200 MB is refused before it does", () => {
  const header = idxBytes([3, 4, 5], new Uint8Array(0));
  const bomb = gzipSync(Buffer.concat([header, Buffer.alloc(200_000_000)]));
  const before = process.memoryUsage().rss;
  expect(() => readIdx(bomb, 3, "bomb")).toThrow(/more than the 76 bytes/);
  const claim = gzipSync(idxBytes([1000, 1000, 1000], new Uint8Array(0)));
  expect(() => readIdx(claim, 3, "claim")).toThrow(/packed bytes cannot hold 1000000016/);
  // Neither the 200 MB nor the 1 GB may have been there; 60 MB leaves room for the collector.
  expect(process.memoryUsage().rss - before).toBeLessThan(60_000_000);
});
