import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inFolder, isoscope, tiny } from "../support/program.js";

interface Case {
  readonly title: string;
  readonly words: readonly string[];
  readonly code: number;
  readonly says: readonly RegExp[];
  /** Makes files in the working folder first. */
  readonly prepare?: (folder: string) => void;
}

const spp = (...words: string[]) => ["spp", tiny, ...words];
const record = 3073;

const cases: readonly Case[] = [
  { title: "no words at all", words: [], code: 2, says: [] },
  {
    title: "an unknown command",
    words: ["sppp", tiny],
    code: 2,
    says: [/unknown command "sppp"/, /did you mean "spp"/],
  },
  {
    title: "an unknown architecture",
    words: ["spp", "isonett"],
    code: 2,
    says: [/unknown architecture "isonett"/, /did you mean "isonet"/],
  },
  {
    title: "an unknown architecture option",
    words: ["spp", "isonet:depht=56"],
    code: 2,
    says: [/depht/, /did you mean "depth"/, /allowed/],
  },
  {
    title: "an option of the wrong type",
    words: ["spp", "isonet:depth=deep"],
    code: 2,
    says: [/isonet:depth=deep/, /"depth"/, /"deep"/],
  },
  {
    title: "a depth the trunk does not have",
    words: ["spp", "isonet:input=cifar,depth=21"],
    code: 2,
    says: [/depth/, /21/, /6n\+2/],
  },
  {
    title: "an enum misspelt",
    words: ["spp", "convshort:init=brok"],
    code: 2,
    says: [/did you mean "brock"/],
  },
  { title: "an unfinished list", words: ["spp", "isonet:depth=[8,14"], code: 2, says: [/\[/] },
  {
    title: "a command without its network",
    words: ["spp"],
    code: 2,
    says: [/at least one architecture/],
  },
  {
    title: "an unknown flag",
    words: spp("--seds", "5"),
    code: 2,
    says: [/--seds/, /did you mean "seeds"/],
  },
  { title: "a flag without its value", words: spp("--seeds"), code: 2, says: [/seeds/] },
  {
    title: "seeds that are no number",
    words: spp("--seeds", "abc"),
    code: 2,
    says: [/--seeds abc/, /whole number/],
  },
  {
    title: "a seed beyond 2^53",
    words: spp("--seeds", "9007199254740993,"),
    code: 2,
    says: [/9007199254740993/],
  },
  { title: "a seed given twice", words: spp("--seeds", "3,3"), code: 2, says: [/twice/] },
  { title: "a batch of zero", words: spp("--batch", "0"), code: 2, says: [/--batch 0/] },
  {
    title: "a batch larger than the data",
    words: spp("--batch", "321"),
    code: 2,
    says: [/321/, /320/],
  },
  {
    title: "an unknown backend",
    words: spp("--backend", "onx"),
    code: 2,
    says: [/did you mean "onnx"/],
  },
  { title: "an unknown format", words: spp("--format", "pdf"), code: 2, says: [/pdf/, /html/] },
  {
    title: "a setting without a value",
    words: spp("--set", "cotangent"),
    code: 2,
    says: [/key=value/],
  },
  {
    title: "a misspelt value of a setting",
    words: spp("--cotangent", "gausian"),
    code: 2,
    says: [/"cotangent"/, /did you mean "gaussian"/],
  },
  {
    title: "an unknown setting",
    words: spp("--set", "cotangnt=loss"),
    code: 2,
    says: [/cotangnt/, /did you mean "cotangent"/],
  },
  {
    title: "an unknown data set",
    words: spp("--data", "cifar11"),
    code: 2,
    says: [/unknown data set "cifar11"/, /did you mean "cifar10"/],
  },
  {
    title: "a data folder that is not there",
    words: spp("--data", "cifar10:nowhere"),
    code: 2,
    says: [/nowhere/],
  },
  {
    title: "an empty data file",
    words: spp("--data", "cifar10:data"),
    code: 2,
    says: [/data_batch_1\.bin/, /empty/i],
    prepare: (folder) => {
      mkdirSync(join(folder, "data"));
      writeFileSync(join(folder, "data", "data_batch_1.bin"), "");
    },
  },
  {
    title: "a cut data file",
    words: spp("--data", "cifar10:data"),
    code: 2,
    says: [/data_batch_1\.bin/, /3073/],
    prepare: (folder) => {
      mkdirSync(join(folder, "data"));
      writeFileSync(join(folder, "data", "data_batch_1.bin"), new Uint8Array(2 * record - 5));
    },
  },
  {
    title: "a label out of range",
    words: spp("--data", "cifar10:data", "--batch", "2"),
    code: 2,
    says: [/data_batch_1\.bin/, /label/, /17/],
    prepare: (folder) => {
      const bytes = new Uint8Array(4 * record);
      bytes[2 * record] = 17;
      mkdirSync(join(folder, "data"));
      writeFileSync(join(folder, "data", "data_batch_1.bin"), bytes);
    },
  },
  {
    title: "an output folder that holds something else",
    words: spp("--out", "taken"),
    code: 2,
    says: [/taken/, /not empty/],
    prepare: (folder) => {
      mkdirSync(join(folder, "taken"));
      writeFileSync(join(folder, "taken", "thesis.txt"), "mine");
    },
  },
  {
    title: "an output folder that is a file",
    words: spp("--out", "file"),
    code: 2,
    says: [/file/],
    prepare: (folder) => writeFileSync(join(folder, "file"), "mine"),
  },
  {
    title: "an output folder below a file",
    words: spp("--out", "file/out"),
    code: 2,
    says: [/file\/out/],
    prepare: (folder) => writeFileSync(join(folder, "file"), "mine"),
  },
  {
    title: "a weights file that is not there",
    words: spp("--weights", "none.safetensors"),
    code: 2,
    says: [/none\.safetensors/],
  },
  {
    title: "a weights file that is none",
    words: spp("--weights", "w.safetensors"),
    code: 2,
    says: [/w\.safetensors/],
    prepare: (folder) => writeFileSync(join(folder, "w.safetensors"), "hello"),
  },
  {
    title: "a network far too large for the memory",
    words: [
      "spp",
      "r-isonet:depth=101,size=1024",
      "--data",
      "gaussian",
      "--batch",
      "4096",
      "--seeds",
      "1",
    ],
    code: 5,
    says: [/needs about .* GB/, /free/, /--batch/],
  },
  {
    title: "a config that is not there",
    words: ["run", "nothing.yaml"],
    code: 2,
    says: [/nothing\.yaml/],
  },
  {
    title: "a config with a misspelt key",
    words: ["run", "c.yaml"],
    code: 2,
    says: [/c\.yaml:2:\d+/, /architectres/, /did you mean "architectures"/],
    prepare: (folder) =>
      writeFileSync(join(folder, "c.yaml"), "analysis: spp\narchitectres: [isonet]\n"),
  },
  {
    title: "a config with broken YAML",
    words: ["run", "c.yaml"],
    code: 2,
    says: [/c\.yaml:\d+:\d+/],
    prepare: (folder) =>
      writeFileSync(join(folder, "c.yaml"), "architectures: [isonet\nbatch: : 3\n"),
  },
  {
    title: "a config with an alias bomb",
    words: ["run", "c.yaml"],
    code: 2,
    says: [/alias/],
    prepare: (folder) => writeFileSync(join(folder, "c.yaml"), "a: &a [1,2]\nb: [*a,*a]\n"),
  },
  {
    title: "a report of a folder that holds none",
    words: ["report", "."],
    code: 2,
    says: [/no isoscope experiment/],
  },
  {
    title: "describe of two networks",
    words: ["describe", "isonet:depth=[18,34]"],
    code: 2,
    says: [/one is needed/],
  },
  {
    title: "an unknown list",
    words: ["list", "architecture"],
    code: 2,
    says: [/did you mean "architectures"/],
  },
];

describe("bad input ends in one clear line and changes nothing", () => {
  it.each(cases)("$title exits $code", async ({ words, code, says, prepare }) => {
    await inFolder((folder) => {
      prepare?.(folder);
      const before = readdirSync(folder, { recursive: true });
      const outcome = isoscope(words, folder);
      expect({ code: outcome.code, err: outcome.err }).toMatchObject({ code });
      for (const pattern of says) expect(outcome.err).toMatch(pattern);
      if (says.length > 0) {
        expect(outcome.out).toBe("");
        const lines = outcome.err.trim().split("\n");
        expect(lines.filter((line) => line.startsWith("isoscope: "))).toHaveLength(1);
        expect(outcome.err).not.toMatch(/\n {4}at /);
      }
      expect(readdirSync(folder, { recursive: true })).toEqual(before);
    });
  });
});
