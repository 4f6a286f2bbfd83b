import { readdirSync } from "node:fs";
import { compile, type TopLevelSpec } from "vega-lite";
import { beforeAll, describe, expect, it } from "vitest";
import type { Analysis, Joined, Row } from "../../src/analyses/analysis.js";
import type { Architecture, Network } from "../../src/architectures/architecture.js";
import { initialize } from "../../src/architectures/parts/network.js";
import { keyOf, normal, uniform } from "../../src/core/random.js";
import { parseOptions } from "../../src/core/schema.js";
import { sizeOf } from "../../src/core/shape.js";
import { useBackend } from "../../src/engine/index.js";
import * as tf from "../../src/engine/tf.js";

type AnyAnalysis = Analysis<Readonly<Record<string, unknown>>, Row>;
type AnyArchitecture = Architecture<Readonly<Record<string, unknown>>>;

const folder = new URL("../../src/analyses/", import.meta.url);
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".ts") && file !== "analysis.ts" && file !== "index.ts")
  .map((file) => file.slice(0, -3));

async function entry<T>(room: string, name: string): Promise<T> {
  const module = (await import(`../../src/${room}/${name}.ts`)) as { readonly default: T };
  return module.default;
}

async function quickNetwork(name: string): Promise<Network> {
  const architecture = await entry<AnyArchitecture>("architectures", name);
  return architecture.build(parseOptions(architecture.options, architecture.quick, name));
}

/** A batch of four images of noise: enough for a standard error and for pairs. */
function batchFor({ inShape, classes }: Network) {
  const count = 4;
  const images = Float32Array.from(normal(keyOf(3), count * sizeOf(inShape)));
  const labels = Int32Array.from(uniform(keyOf(4), count, 0, classes), Math.floor);
  return { count, shape: inShape, images, labels };
}

async function measure(analysis: AnyAnalysis, architecture: string, seed: number) {
  const network = await quickNetwork(architecture);
  const parameters = initialize(network, keyOf(seed));
  const options = parseOptions(analysis.options, analysis.quick, analysis.title);
  const rows: Joined<Row>[] = [];
  const subject = { network, parameters, batch: batchFor(network) };
  for await (const row of analysis.measure(subject, options, keyOf(seed))) {
    for (const column of ["architecture", "options", "seed"])
      expect(row).not.toHaveProperty(column);
    rows.push({ ...row, architecture, options: "", seed });
  }
  tf.dispose(Object.values(parameters));
  return rows;
}

async function measureAll(analysis: AnyAnalysis): Promise<readonly Joined<Row>[]> {
  const rows: Joined<Row>[] = [];
  for (const architecture of ["idshort", "isonet"])
    for (const seed of [1, 2]) rows.push(...(await measure(analysis, architecture, seed)));
  return rows;
}

/** Every `field` a specification reads, but those that its own transforms make. */
function fieldsOf(spec: unknown): ReadonlySet<string> {
  const [read, made] = [new Set<string>(), new Set<string>()];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    for (const [name, value] of Object.entries(node)) {
      if (name === "field" && typeof value === "string") read.add(value);
      if (name === "groupby" && Array.isArray(value)) for (const field of value) read.add(field);
      if (name === "as") for (const field of [value].flat()) made.add(String(field));
      visit(value);
    }
  };
  visit(spec);
  return new Set([...read].filter((field) => !made.has(field)));
}

function compileWarnings(spec: Readonly<Record<string, unknown>>, data: readonly Row[]) {
  const warnings: string[] = [];
  const note = (...said: readonly unknown[]) => {
    warnings.push(said.join(" "));
    return logger;
  };
  const quiet = () => logger;
  const logger = { level: quiet, warn: note, error: note, info: quiet, debug: quiet };
  const whole = { data: { values: data }, ...spec } as TopLevelSpec;
  compile(whole, { logger: logger as never });
  return warnings;
}

beforeAll(() => useBackend("cpu"));

describe.each(names)("analysis %s", (name) => {
  let analysis: AnyAnalysis;
  let rows: readonly Joined<Row>[];

  beforeAll(async () => {
    analysis = await entry<AnyAnalysis>("analyses", name);
    rows = await measureAll(analysis);
  });

  it("says what it is, where it comes from and what it asks", () => {
    for (const text of [analysis.title, analysis.source, analysis.summary, analysis.question])
      expect(text.trim().length).toBeGreaterThan(0);
    expect(analysis.question.endsWith("?")).toBe(true);
  });

  it("yields tidy rows with the same columns", () => {
    expect(rows.length).toBeGreaterThan(0);
    const columns = Object.keys(rows[0]!).sort();
    for (const row of rows) {
      expect(Object.keys(row).sort()).toEqual(columns);
      for (const value of Object.values(row))
        expect(value === null || ["string", "number", "boolean"].includes(typeof value)).toBe(true);
    }
  });

  it("gives equal rows for equal keys", async () => {
    const again = await measure(analysis, "idshort", 1);
    expect(again).toEqual(rows.slice(0, again.length));
  });

  it("leaves no tensor behind", async () => {
    const before = tf.memory().numTensors;
    await measure(analysis, "isonet", 1);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("has charts with a name, a title and a sentence that says how to read them", () => {
    expect(analysis.charts.length).toBeGreaterThan(0);
    expect(new Set(analysis.charts.map((chart) => chart.name)).size).toBe(analysis.charts.length);
    for (const chart of analysis.charts) {
      expect(chart.name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(chart.title.length).toBeGreaterThan(0);
      expect(chart.howToRead).toMatch(/\.$/);
    }
  });

  it("has charts whose fields are columns of their data", () => {
    for (const chart of analysis.charts) {
      const data = chart.data(rows);
      expect(data.length).toBeGreaterThan(0);
      const columns = new Set(data.flatMap((row) => Object.keys(row)));
      expect([...fieldsOf(chart.spec(data))].filter((field) => !columns.has(field))).toEqual([]);
    }
  });

  it("has charts without data or schema of their own that compile without a warning", () => {
    for (const chart of analysis.charts) {
      const data = chart.data(rows);
      const spec = chart.spec(data);
      expect(spec).not.toHaveProperty("data");
      expect(spec).not.toHaveProperty("$schema");
      expect(compileWarnings(spec, data)).toEqual([]);
    }
  });

  it("has verdicts with a number and a threshold on networks that were measured", () => {
    for (const verdict of analysis.verdicts?.(rows) ?? []) {
      expect(["idshort", "isonet"]).toContain(verdict.network);
      expect(verdict.statement.length).toBeGreaterThan(0);
      expect(verdict.threshold.length).toBeGreaterThan(0);
      expect(typeof verdict.value).toBe("number");
      expect(["good", "warning", "bad"]).toContain(verdict.level);
    }
  });
});
