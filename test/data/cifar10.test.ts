import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { UserError } from "../../src/core/errors.js";
import cifar10 from "../../src/data/cifar10.js";
import { sha256 } from "../../src/data/parts/files.js";
import { cifarBytes, request, temporaryFolder } from "./parts/files-for-tests.js";

const temporary = temporaryFolder();
afterAll(() => temporary.remove());

function put(name: string, bytes: Uint8Array): string {
  const path = join(temporary.path, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

async function refusal(argument: string | undefined): Promise<string> {
  const thrown: unknown = await cifar10.load(request({ argument })).catch((error) => error);
  expect(thrown).toBeInstanceOf(UserError);
  return (thrown as Error).message;
}

const means = [0.4914, 0.4822, 0.4465];
const deviations = [0.2023, 0.1994, 0.201];

test("Planes of a record become channels of each pixel, normalised by channel", async () => {
  const bytes = cifarBytes([3, 9]);
  const data = await cifar10.load(request({ argument: put("one.bin", bytes) }));
  expect([data.count, data.shape, data.classes]).toEqual([2, [32, 32, 3], 10]);
  expect([...data.labels]).toEqual([3, 9]);
  const out = new Float32Array(7 + 3072).fill(1.3);
  data.read(1, out, 7);
  expect([...out.subarray(0, 7)]).toEqual(new Array(7).fill(Math.fround(1.3)));
  for (const [row, column, channel] of [
    [0, 0, 0],
    [31, 4, 1],
    [17, 31, 2],
  ] as const) {
    const byte = bytes[3073 + 1 + channel * 1024 + row * 32 + column]!;
    const expected = Math.fround((byte / 255 - means[channel]!) / deviations[channel]!);
    expect(out[7 + (row * 32 + column) * 3 + channel]).toBe(expected);
  }
});

test("The normalisation is told with its numbers, and the hash is that of the bytes", async () => {
  const bytes = cifarBytes([1]);
  const data = await cifar10.load(request({ argument: put("hashed.bin", bytes) }));
  expect(data.normalisation).toContain("(0.4914, 0.4822, 0.4465)) / (0.2023, 0.1994, 0.201)");
  expect(data.hash).toBe(sha256(bytes));
});

test("A folder gives its training batches in the order of their numbers", async () => {
  put("many/data_batch_10.bin", cifarBytes([7]));
  put("many/data_batch_2.bin", cifarBytes([5, 6]));
  put("many/test_batch.bin", cifarBytes([0]));
  put("many/batches.meta.txt", new Uint8Array(3));
  const data = await cifar10.load(request({ argument: "many", folder: temporary.path }));
  expect([...data.labels]).toEqual([5, 6, 7]);
});

test("A folder with test batches only gives those", async () => {
  put("test/test_batch.first.bin", cifarBytes([4, 2]));
  const data = await cifar10.load(request({ argument: join(temporary.path, "test") }));
  expect([...data.labels]).toEqual([4, 2]);
});

test("A size that is no multiple of a record is told with its remainder", async () => {
  const path = put("cut.bin", cifarBytes([1, 2]).slice(0, 6000));
  expect(await refusal(path)).toBe(
    `${path}: 6000 bytes leave 2927 over; allowed: a multiple of 3073`,
  );
  expect(await refusal(put("hundred.bin", new Uint8Array(3074)))).toMatch(/CIFAR-100 has/);
});

test("A label of 10 is told with its file and record", async () => {
  const path = put("label.bin", cifarBytes([1, 2, 10]));
  expect(await refusal(path)).toBe(`${path}: label 10 of record 2; allowed: 0 to 9`);
});

test("Empty files, missing paths and folders without batches are told", async () => {
  expect(await refusal(put("empty.bin", new Uint8Array(0)))).toMatch(/empty; a record has 3073/);
  expect(await refusal(undefined)).toBe("--data cifar10: the path is missing; write cifar10:DIR");
  put("near/data_batch_1.bin", cifarBytes([1]));
  expect(await refusal(join(temporary.path, "near/data_batch_l.bin"))).toMatch(
    /no such file or folder \(did you mean "data_batch_1.bin"\?\)$/,
  );
  put("other/notes.txt", new Uint8Array(1));
  expect(await refusal(join(temporary.path, "other"))).toMatch(/but notes.txt; allowed: a folder/);
  mkdirSync(join(temporary.path, "bare"));
  expect(await refusal(join(temporary.path, "bare"))).toMatch(/but nothing; allowed/);
  expect(await refusal(join(temporary.path, "one.bin/x"))).toMatch(/ENOTDIR|no such file/);
  expect(await refusal("a\0b")).toMatch(/NUL/);
});

test.skipIf(process.platform === "win32")(
  "Pipes and devices are refused, not waited for",
  async () => {
    const pipe = join(temporary.path, "pipe");
    execFileSync("mkfifo", [pipe]);
    expect(await refusal(pipe)).toMatch(/no regular file, not a file/);
    expect(await refusal("/dev/zero")).toMatch(/no regular file/);
  },
);
