import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { UserError } from "../../src/core/errors.js";
import type { SafetensorsEntry } from "../../src/core/safetensors.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/core/safetensors.js";
import { sizeOf } from "../../src/core/shape.js";
import { surveyMutants } from "../data/parts/mutate.js";

/** A file with exactly this header text and data. */
function file(header: string, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const text = new TextEncoder().encode(header);
  const out = new Uint8Array(8 + text.length + data.length);
  new DataView(out.buffer).setBigUint64(0, BigInt(text.length), true);
  out.set(text, 8);
  out.set(data, 8 + text.length);
  return out;
}

function entry(name: string, shape: readonly number[], values: readonly number[]) {
  return { name, shape, values: Float32Array.from(values) };
}

const small = encodeSafetensors(
  [
    entry("stem.weight", [2, 1, 1, 3], [0.6, -1.3, 2.5, 0, -0, 7e-12]),
    entry("scale", [], [1.3]),
    entry("bias", [2], [-0.6, 4]),
  ],
  { step: "17", note: "déjà vu" },
);

function message(bytes: Uint8Array): string {
  try {
    decodeSafetensors(bytes, "w.safetensors");
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(UserError);
    return (thrown as Error).message;
  }
  return "accepted";
}

const tensors = fc
  .uniqueArray(fc.string({ unit: "binary", maxLength: 12 }), { maxLength: 8 })
  .chain((names) =>
    fc.tuple(
      ...names
        .filter((name) => name !== "__metadata__")
        .map((name) =>
          fc
            .array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })
            .chain((shape) =>
              fc
                .float32Array({ minLength: sizeOf(shape), maxLength: sizeOf(shape) })
                .map((values): SafetensorsEntry => ({ name, shape, values })),
            ),
        ),
    ),
  );

/** Entries by name: the format keeps bytes in order, but empty tensors share a place. */
function byName(entries: readonly SafetensorsEntry[]) {
  return new Map(entries.map(({ name, shape, values }) => [name, { shape, values }]));
}

test("What is written is read back bit by bit, under any names", () => {
  const texts = fc.dictionary(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }));
  fc.assert(
    fc.property(tensors, texts, (entries, metadata) => {
      const bytes = encodeSafetensors(entries, metadata);
      const read = decodeSafetensors(bytes, "x");
      expect(byName(read.entries)).toEqual(byName(entries));
      expect({ ...read.metadata }).toEqual({ ...metadata });
      expect(encodeSafetensors(read.entries, read.metadata).length).toBe(bytes.length);
    }),
    { numRuns: 500, seed: 11 },
  );
});

test("The data starts at a multiple of 8, for every length of the header", () => {
  for (let n = 0; n < 16; n++) {
    const bytes = encodeSafetensors([entry("x".repeat(n), [1], [0.6])]);
    const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect((8 + header) % 8).toBe(0);
    expect(new DataView(bytes.buffer).getFloat32(8 + header, true)).toBe(Math.fround(0.6));
  }
});

test("Float64, float16 and bfloat16 tensors are read as float32", () => {
  const data = new Uint8Array(8 + 12 + 6);
  const view = new DataView(data.buffer);
  view.setFloat64(0, 0.1, true);
  // IEEE 754: 1.5, -2, 65504 (largest), 2^-24 (smallest), infinity, -0.
  [0x3e00, 0xc000, 0x7bff, 0x0001, 0x7c00, 0x8000].forEach((bits, i) => {
    view.setUint16(8 + 2 * i, bits, true);
  });
  // Upper halves of the float32 numbers 1.0, -2.5 and 3.140625.
  [0x3f80, 0xc020, 0x4049].forEach((bits, i) => {
    view.setUint16(20 + 2 * i, bits, true);
  });
  const header = {
    double: { dtype: "F64", shape: [], data_offsets: [0, 8] },
    half: { dtype: "F16", shape: [2, 3], data_offsets: [8, 20] },
    brain: { dtype: "BF16", shape: [3], data_offsets: [20, 26] },
  };
  const { entries } = decodeSafetensors(file(JSON.stringify(header), data), "x");
  expect(entries.map(({ values }) => [...values])).toEqual([
    [Math.fround(0.1)],
    [1.5, -2, 65504, 2 ** -24, Number.POSITIVE_INFINITY, -0],
    [1, -2.5, 3.140625],
  ]);
});

const four = new Uint8Array(4);
const f32 = (shape: string, offsets: string, rest = "") =>
  `"a":{"dtype":"F32","shape":${shape},"data_offsets":${offsets}}${rest}`;

test.each([
  ["an empty file", new Uint8Array(0), /0 bytes, a safetensors file has at least 10/],
  [
    "a header of 2^63 bytes",
    file("{}").fill(0x80, 7, 8),
    /header says it has 9223372036854775810 bytes; allowed: 2 to 2/,
  ],
  ["a header longer than the file", file("{}").slice(0, 9).fill(9, 0, 1), /at least 10/],
  ["a header that is a list", file("[1]"), /does not start with "\{"/],
  ["broken JSON", file("{nope}"), /the header is not JSON/],
  ["bytes that are not UTF-8", file("{  }").fill(0xff, 9, 10), /not UTF-8/],
  [
    "a name given twice",
    file(`{${f32("[1]", "[0,4]")},${f32("[1]", "[0,4]")}}`, four),
    /"a" is there twice/,
  ],
  [
    "a name given twice by an escape",
    file('{"__metadata__":{"a":"1","\\u0061":"2"}}'),
    /"a" is there twice/,
  ],
  [
    "metadata of a number",
    file('{"__metadata__":{"step":3}}'),
    /__metadata__ "step" is 3; allowed: strings/,
  ],
  ["metadata of a list", file('{"__metadata__":[]}'), /__metadata__ is not a JSON object/],
  ["a tensor of a number", file('{"a":3}'), /tensor "a": its entry is not a JSON object/],
  [
    "an integer tensor",
    file('{"a":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}', new Uint8Array(8)),
    /dtype "I64"; allowed: F64, F32, F16, BF16/,
  ],
  [
    "a dtype of the prototype",
    file('{"a":{"dtype":"toString","shape":[],"data_offsets":[0,8]}}'),
    /dtype "toString"/,
  ],
  ["a negative size", file(`{${f32("[-1]", "[0,4]")}}`, four), /shape \[-1\]; allowed/],
  [
    "a size of 2^53",
    file(`{${f32("[9007199254740993]", "[0,4]")}}`, four),
    /shape \[9007199254740992\]; allowed/,
  ],
  [
    "a product that overflows",
    file(`{${f32("[4294967296,4294967296]", "[0,4]")}}`, four),
    /does not fill its 4 bytes/,
  ],
  ["one offset", file(`{${f32("[1]", "[4]")}}`, four), /data_offsets \[4\]; allowed/],
  [
    "offsets that go back",
    file(`{${f32("[0]", "[4,0]")}}`, four),
    /data_offsets \[4,0\] in 4 bytes/,
  ],
  [
    "offsets behind the end",
    file(`{${f32("[2]", "[0,8]")}}`, four),
    /data_offsets \[0,8\] in 4 bytes/,
  ],
  [
    "a shape of another size",
    file(`{${f32("[3]", "[0,4]")}}`, four),
    /shape \[3\] of F32 does not fill its 4 bytes/,
  ],
  [
    "a hole",
    file(`{${f32("[1]", "[4,8]")}}`, new Uint8Array(8)),
    /leaves a hole before it \(byte 4, not 0\)/,
  ],
  [
    "two tensors on the same bytes",
    file(`{${f32("[1]", "[0,4]")},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, four),
    /overlaps the one before/,
  ],
  [
    "bytes of no tensor",
    file(`{${f32("[1]", "[0,4]")}}`, new Uint8Array(9)),
    /5 bytes after the last tensor belong to none/,
  ],
  [
    "a PyTorch zip",
    new Uint8Array([0x50, 0x4b, 3, 4, ...new Uint8Array(40)]),
    /looks like a pickle of PyTorch.*save_file/,
  ],
  [
    "a bare pickle",
    new Uint8Array([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a]),
    /looks like a pickle/,
  ],
  [
    "an HDF5 file",
    new Uint8Array([0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10, 0, 0, 0]),
    /looks like HDF5/,
  ],
])("A file with %s is refused in one line that says so", (_, bytes, expected) => {
  const text = message(bytes);
  expect(text).toMatch(expected);
  expect(text.startsWith("w.safetensors: ")).toBe(true);
  expect(text).not.toContain("\n");
});

test("A name that is hostile to a terminal is printed with its escapes", () => {
  expect(message(file('{"\\u001b[31m\\n":3}'))).toContain('tensor "\\u001b[31m\\n"');
});

test("A tensor named __proto__ is a tensor like others", () => {
  const bytes = encodeSafetensors([entry("__proto__", [1], [0.6])], { constructor: "x" });
  const read = decodeSafetensors(bytes, "x");
  expect(read.entries.map(({ name }) => name)).toEqual(["__proto__"]);
  expect(Object.hasOwn(read.metadata, "constructor")).toBe(true);
});

test("10,000 damaged files are read or refused, and nothing else happens", async () => {
  const survey = await surveyMutants(small, 10_000, (mutant) => decodeSafetensors(mutant, "w"));
  expect(survey.wrong).toEqual([]);
  // Changes in the values (36 of some 350 bytes) are valid files; cuts and most others are not.
  expect(survey.accepted).toBeGreaterThan(50);
  expect(survey.refused).toBeGreaterThan(5000);
});

test("10,000 headers of shuffled JSON parts are read or refused", () => {
  const piece = fc.constantFrom(
    ...'{ } [ ] , : "a" "b" "dtype" "shape" "data_offsets" "F32" "F64" "__proto__"'.split(" "),
    ..."0 4 8 -1 1e308 null true [0,4] [1] [4,8] 18446744073709551616".split(" "),
    f32("[1]", "[0,4]"),
  );
  const shuffled = fc.array(piece, { maxLength: 12 });
  fc.assert(
    fc.property(shuffled, fc.nat(16), (pieces, data) => {
      const text = message(file(`{${pieces.join("")}}`, new Uint8Array(data)));
      expect(text).not.toContain("\n");
    }),
    { numRuns: 10_000, seed: 12 },
  );
});

test("A header of 50 MB of spaces, or nested 100,000 deep, is refused in 2 seconds of work", () => {
  const spaces = file(`{${" ".repeat(50_000_000)}`);
  const started = process.cpuUsage();
  expect(message(spaces)).toMatch(/not JSON/);
  expect(message(file(`{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`))).toMatch(/tensor "a"/);
  const { user, system } = process.cpuUsage(started);
  expect(user + system).toBeLessThan(2_000_000);
});

test("Entries of one name, or with too few values, are a mistake of the program", () => {
  const one = entry("a", [1], [0.6]);
  expect(() => encodeSafetensors([one, one])).toThrow(/the name is taken/);
  expect(() => encodeSafetensors([entry("__metadata__", [1], [0.6])])).toThrow(/taken/);
  expect(() => encodeSafetensors([entry("a", [2], [0.6])])).toThrow(/1 values for shape \[2\]/);
});

const python = spawnSync("python3", ["--version"]).status === 0;

test.skipIf(!python)("Python reads the same numbers with nothing but struct and json", () => {
  const folder = mkdtempSync(join(tmpdir(), "isoscope-safetensors-"));
  const path = join(folder, "w.safetensors");
  writeFileSync(path, small);
  const script = fileURLToPath(new URL("../fixtures/safetensors/read.py", import.meta.url));
  const read: unknown = JSON.parse(execFileSync("python3", [script, path], { encoding: "utf8" }));
  rmSync(folder, { recursive: true });
  expect(read).toEqual({
    metadata: { step: "17", note: "déjà vu" },
    tensors: {
      "stem.weight": {
        shape: [2, 1, 1, 3],
        values: [0.6, -1.3, 2.5, 0, -0, 7e-12].map(Math.fround),
      },
      scale: { shape: [], values: [Math.fround(1.3)] },
      bias: { shape: [2], values: [-0.6, 4].map(Math.fround) },
    },
  });
});

test.skipIf(!python)("A file that Python wrote with struct and json is read", () => {
  const folder = mkdtempSync(join(tmpdir(), "isoscope-safetensors-"));
  const path = join(folder, "w.safetensors");
  const script = fileURLToPath(new URL("../fixtures/safetensors/write.py", import.meta.url));
  const bytes = execFileSync("python3", [script]);
  rmSync(folder, { recursive: true });
  const { entries, metadata } = decodeSafetensors(bytes, path);
  expect(metadata).toEqual({ format: "pt" });
  expect(entries).toEqual([
    entry("classifier.weight", [2, 3], [0.5, -1.25, 3, 4, 5.5, -6]),
    entry("blocks.0.branch.scale.scale", [], [0.75]),
  ]);
});
