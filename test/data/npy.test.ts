import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dump } from "npyjs";
import { afterAll, expect, test } from "vitest";
import { UserError } from "../../src/core/errors.js";
import npy, { readNpyImages, readNpyLabels } from "../../src/data/npy.js";
import { npyBytes, randomBytes, request, temporaryFolder } from "./parts/files-for-tests.js";

const temporary = temporaryFolder();
afterAll(() => temporary.remove());

const shape = [2, 3, 2, 1];
const values = Float32Array.from({ length: 12 }, (_, i) => 0.6 * i - 1.3);
const images = npyBytes("<f4", shape, values);
const labels = npyBytes("<i8", [2], BigInt64Array.of(4n, 0n));

function folder(name: string, files: Readonly<Record<string, Uint8Array>>): string {
  const path = join(temporary.path, name);
  mkdirSync(path, { recursive: true });
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(path, file), bytes);
  return path;
}

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(UserError);
    return (thrown as Error).message;
  }
  return "accepted";
}

test("Values are given as they are, with labels from either name", async () => {
  for (const name of ["x.labels.npy", "labels.npy"]) {
    const path = folder(name, { "x.npy": images, [name]: labels });
    const data = await npy.load(request({ argument: "x.npy", folder: path }));
    expect([data.count, data.shape, data.classes]).toEqual([2, [3, 2, 1], 5]);
    expect([...data.labels]).toEqual([4, 0]);
    expect(data.normalisation).toMatch(/^none/);
    const out = new Float32Array(6);
    data.read(1, out, 0);
    expect(out).toEqual(values.slice(6));
  }
});

test("Bytes are divided by 255, and it is told", async () => {
  const bytes = randomBytes(2, 12);
  const path = folder("bytes", { "x.npy": npyBytes("|u1", shape, bytes), "labels.npy": labels });
  const data = await npy.load(request({ argument: "x.npy", folder: path }));
  const out = new Float32Array(6);
  data.read(1, out, 0);
  expect([...out]).toEqual([...bytes.slice(6)].map((byte) => Math.fround(byte / 255)));
  expect(data.normalisation).toContain("/ 255");
});

test("Float64 is read, and so is what another writer makes", () => {
  const doubles = Float64Array.from(values);
  expect([...readNpyImages(npyBytes("<f8", shape, doubles), "x").values]).toEqual([...doubles]);
  const other = readNpyImages(new Uint8Array(dump(values, shape)), "x");
  expect(other).toEqual({ count: 2, shape: [3, 2, 1], values });
});

test.each(["|u1", "|i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8"])(
  "Labels of type %s are read",
  (type) => {
    const makers = {
      "|u1": Uint8Array,
      "|i1": Int8Array,
      "<u2": Uint16Array,
      "<i2": Int16Array,
      "<u4": Uint32Array,
      "<i4": Int32Array,
    } as const;
    const wide = type === "<u8" ? BigUint64Array.of(6n, 1n) : BigInt64Array.of(6n, 1n);
    const data = type in makers ? makers[type as keyof typeof makers].of(6, 1) : wide;
    expect([...readNpyLabels(npyBytes(type, [2], data), "x")]).toEqual([6, 1]);
  },
);

function spoilt(at: number, value: number): Uint8Array {
  return npyBytes("<f4", shape, values.with(at, value));
}

test.each([
  ["NaN", spoilt(7, Number.NaN), /x: NaN at \[1, 0, 1, 0\]; allowed: finite numbers/],
  ["infinity", spoilt(11, Number.NEGATIVE_INFINITY), /-Infinity at \[1, 2, 1, 0\]/],
  [
    "a number float32 cannot hold",
    npyBytes("<f8", [1, 1, 1, 1], Float64Array.of(1e39)),
    /1e\+39 at \[0, 0, 0, 0\]/,
  ],
  [
    "column-major order",
    npyBytes("<f4", shape, values, "True"),
    /column-major order; save numpy.ascontiguousarray/,
  ],
  [
    "big-endian numbers",
    npyBytes(">f4", shape, values),
    /element type ">f4"; allowed: <f4, <f8, \|u1/,
  ],
  ["an array of objects", npyBytes("|O", shape, values), /element type "\|O"/],
  [
    "three axes",
    npyBytes("<f4", [2, 3, 2], values),
    /shape 2x3x2; allowed: images x height x width x channels/,
  ],
  ["no images", npyBytes("<f4", [0, 3, 2, 1], new Float32Array(0)), /shape 0x3x2x1; allowed/],
  [
    "sizes of 65536",
    npyBytes("<f4", [65536, 65536, 1, 1], values),
    /48 bytes of data; its header says .*: 17179869184/,
  ],
  ["a cut end", images.slice(0, -1), /47 bytes of data/],
  ["another start", images.slice(1), /not an .npy file/],
  ["version 4", images.slice().fill(4, 6, 7), /version 4; allowed: 1, 2, 3/],
  [
    "a header behind the end",
    images.slice().fill(0xff, 8, 10),
    /header says it has 65535 bytes; allowed: /,
  ],
  [
    "a header of other words",
    images.slice().fill(0x61, 12, 20),
    /the header is not \{descr, fortran_order, shape\}/,
  ],
])("Images with %s are refused with what and where", (_, bytes, expected) => {
  expect(refusal(() => readNpyImages(bytes, "x"))).toMatch(expected);
});

test("Labels must be integers from 0 on one axis", () => {
  expect(refusal(() => readNpyLabels(npyBytes("<f4", [2], Float32Array.of(1, 2)), "x"))).toMatch(
    /element type "<f4"; allowed: \|u1/,
  );
  expect(refusal(() => readNpyLabels(npyBytes("|i1", [2], Int8Array.of(1, -1)), "x"))).toBe(
    "x: label -1 of record 1; allowed: 0 to 99999",
  );
  expect(refusal(() => readNpyLabels(npyBytes("|i1", [1, 2], Int8Array.of(1, 1)), "x"))).toMatch(
    /one axis/,
  );
});

test("Missing labels and labels of another number are told", async () => {
  const alone = folder("alone", { "x.npy": images });
  await expect(npy.load(request({ argument: "x.npy", folder: alone }))).rejects.toThrow(
    /no labels; allowed: .*x.labels.npy or labels.npy beside it/,
  );
  const fewer = folder("fewer", {
    "x.npy": images,
    "labels.npy": npyBytes("|u1", [1], Uint8Array.of(1)),
  });
  await expect(npy.load(request({ argument: "x.npy", folder: fewer }))).rejects.toThrow(
    /1 labels, but .* has 2 images/,
  );
});
