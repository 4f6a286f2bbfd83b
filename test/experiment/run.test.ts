import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MachineError, StoppedError, UserError } from "../../src/core/errors.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";
import { names } from "../../src/experiment/catalogue.js";
import { checkMemory, forecastBytes, forecastRun } from "../../src/experiment/forecast.js";
import { parseRecord, recordOf } from "../../src/experiment/record.js";
import { resolveExperiment } from "../../src/experiment/resolve.js";
import { runExperiment } from "../../src/experiment/run.js";
import { parseSpec } from "../../src/experiment/spec.js";
import {
  partialStore,
  prepareFolder,
  readExperiment,
  storeExperiment,
} from "../../src/experiment/store.js";

const folder = mkdtempSync(join(tmpdir(), "isoscope-run-"));
const around = { folder, quick: false };

const resolveTiny = (more: Record<string, unknown> = {}) =>
  resolveExperiment(
    parseSpec(
      {
        architectures: ["isonet:input=cifar,depth=8", "fixup:depth=8"],
        batch: 3,
        seeds: 2,
        backend: "cpu",
        ...more,
      },
      "test",
    ),
    around,
  );

beforeAll(() => useBackend("cpu"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("resolveExperiment", () => {
  it("takes size, channels and classes from the data", async () => {
    const { members } = await resolveTiny({ data: "mnist-sample" });
    expect(members.map(({ network }) => network.inShape)).toEqual([
      [28, 28, 1],
      [28, 28, 1],
    ]);
  });

  it("expands a grid, first key slowest, and drops what is there already", async () => {
    const { members } = await resolveTiny({
      architectures: [
        "isonet:input=cifar,depth=[8,14],activation=[srelu,relu]",
        "isonet:input=cifar,depth=14,activation=relu",
      ],
    });
    expect(members.map(({ options }) => options)).toEqual([
      "input=cifar,depth=8,activation=srelu",
      "input=cifar,depth=8,activation=relu",
      "input=cifar,depth=14,activation=srelu",
      "input=cifar,depth=14,activation=relu",
    ]);
  });

  it("refuses a size that the data does not have", async () => {
    const wrong = resolveTiny({ architectures: ["isonet:input=cifar,depth=8,size=16"] });
    await expect(wrong).rejects.toThrow(/takes 16x16x3 inputs, cifar10-sample has 32x32x3/);
  });

  it("refuses fewer classes than the data has", async () => {
    const wrong = resolveTiny({ architectures: ["isonet:input=cifar,depth=8,classes=4"] });
    await expect(wrong).rejects.toThrow(/4 classes.*10/);
  });

  it("shrinks every architecture with quick", async () => {
    const spec = parseSpec(
      { architectures: names("architectures").map(String), data: "gaussian", seeds: 1 },
      "test",
    );
    const { members, batch } = await resolveExperiment(spec, { folder, quick: true });
    expect(members).toHaveLength(names("architectures").length);
    expect(batch).toBeLessThanOrEqual(8);
  });
});

describe("runExperiment", () => {
  it("gives equal rows twice, and the same rows for a network whatever runs beside it", async () => {
    const both = await runExperiment(await resolveTiny(), "0");
    const again = await runExperiment(await resolveTiny(), "0");
    expect(again).toEqual(both);
    const alone = await runExperiment(
      await resolveTiny({ architectures: ["fixup:depth=8"], seeds: [1] }),
      "0",
    );
    expect(alone).toEqual(both.filter((row) => row.architecture === "fixup" && row.seed === 1));
  });

  it("leaves no tensor behind", async () => {
    const experiment = await resolveTiny({ seeds: 1 });
    await runExperiment(experiment, "0");
    const before = tf.memory().numTensors;
    await runExperiment(experiment, "0");
    expect(tf.memory().numTensors).toBe(before);
  });

  it("stops between networks when asked, and goes on from what was finished", async () => {
    const experiment = await resolveTiny();
    const out = join(folder, "stopped");
    prepareFolder(out);
    const controller = new AbortController();
    const stopped = runExperiment(experiment, "0", {
      signal: controller.signal,
      finished: partialStore(out),
      done: () => controller.abort(),
    });
    await expect(stopped).rejects.toThrow(StoppedError);
    const measured: string[] = [];
    const store = partialStore(out);
    const rows = await runExperiment(experiment, "0", {
      finished: {
        get: store.get,
        put: (part, found) => {
          measured.push(part);
          store.put(part, found);
        },
      },
    });
    expect(measured).toHaveLength(3);
    expect(rows).toEqual(await runExperiment(experiment, "0"));
  });
});

describe("the store", () => {
  it("gives back rows with numbers that are not finite", async () => {
    const out = join(folder, "store");
    prepareFolder(out);
    const record = recordOf(await resolveTiny(), "0.1.0", { "tfjs-core": "4.22.0" });
    const rows = [1.3, Number.POSITIVE_INFINITY, Number.NaN].map((value, seed) => ({
      architecture: "isonet",
      options: "",
      seed,
      value,
    }));
    storeExperiment(out, { record, rows }, new Map([["charts/a.svg", "<svg/>"]]));
    const back = readExperiment(out);
    expect(back.rows).toEqual(rows);
    expect(parseRecord(back.record, "here")).toEqual(record);
    expect(readdirSync(out).sort()).toEqual(["charts", "experiment.json", "rows.jsonl"]);
  });

  it("refuses a folder with other things in it and touches none of them", () => {
    const out = join(folder, "taken");
    prepareFolder(out);
    rmSync(join(out, ".partial"), { recursive: true });
    writeFileSync(join(out, "thesis.txt"), "mine");
    expect(() => prepareFolder(out)).toThrow(UserError);
    expect(readdirSync(out)).toEqual(["thesis.txt"]);
  });

  it("says that a damaged record is damaged", () => {
    const out = join(folder, "damaged");
    prepareFolder(out);
    writeFileSync(join(out, "experiment.json"), '{"title": ');
    writeFileSync(join(out, "rows.jsonl"), "");
    expect(() => readExperiment(out)).toThrow(/damaged/);
    expect(readFileSync(join(out, "experiment.json"), "utf8")).toBe('{"title": ');
  });
});

describe("the memory forecast", () => {
  it("grows with the batch and refuses what does not fit, with a batch that does", async () => {
    const experiment = await resolveTiny({
      architectures: ["resnet:depth=8,input=cifar"],
      batch: 64,
    });
    const member = experiment.members[0]!;
    expect(forecastBytes(member, 64)).toBeGreaterThan(forecastBytes(member, 8));
    const images = (batch: number) => 8 * batch * 32 * 32 * 3;
    const little = forecastBytes(member, 2) + images(2);
    expect(() => checkMemory(experiment, little)).toThrow(MachineError);
    expect(() => checkMemory(experiment, little)).toThrow(/use --batch 2 or less/);
    expect(() => checkMemory(experiment, 1e12)).not.toThrow();
  });

  it("refuses a network whose samples do not act on each other only if no image fits", async () => {
    const experiment = await resolveTiny({ architectures: ["fixup:depth=8"] });
    const member = experiment.members[0]!;
    const images = (batch: number) => 8 * batch * 32 * 32 * 3;
    const one = forecastBytes(member, 1);
    expect(() => checkMemory(experiment, one + images(experiment.batch))).not.toThrow();
    expect(() => checkMemory(experiment, one)).toThrow(/at batch 3, .*; use a smaller network/);
    expect(() => checkMemory(experiment, one + images(2))).toThrow(/use --batch 2 or less/);
  });

  it("is that of the graph where the backend records graphs", async () => {
    const experiment = await resolveTiny({ architectures: ["fixup:depth=8"] });
    const [member] = experiment.members;
    await useBackend("onnx");
    const onGraph = forecastRun(experiment, member!);
    expect(forecastRun({ ...experiment, batch: 2 * experiment.batch }, member!)).toBeGreaterThan(
      onGraph,
    );
    await useBackend("cpu");
    expect(forecastRun(experiment, member!)).toBe(forecastBytes(member!, experiment.batch));
  });
});
