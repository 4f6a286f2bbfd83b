import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { describe, expect, it } from "vitest";
import { logDomain, logTicks } from "../../../src/analyses/parts/log-axis.js";
import { propagationCharts } from "../../../src/analyses/parts/propagation-charts.js";
import { type Planted, plantedRows, stagesOf } from "../synthetic-rows.js";

function networks(count: number, blocks: readonly number[], growth = 1.1): readonly Planted[] {
  return Array.from({ length: count }, (_, i) => ({
    architecture: `network${i}`,
    options: i % 2 === 0 ? "" : "depth=50,init=brock",
    stages: stagesOf(i === 1 && count > 4 ? [...blocks].reverse() : blocks),
    seeds: 3,
    scatter: 0.2,
    value: (k, direction) =>
      i === 2 && direction === "forward" && k > 5
        ? Number.POSITIVE_INFINITY
        : growth ** (i * (direction === "forward" ? k : -k)),
    predicted: (k, direction) => growth ** (i * (direction === "forward" ? k : -k)),
  }));
}

const cases = {
  "no network": [],
  "one network of one block": networks(1, [1]),
  "one network of 8 blocks": networks(1, [2, 2, 2, 2]),
  "four networks of 16 blocks": networks(4, [3, 4, 6, 3]),
  "twelve networks of 54 blocks over 30 decades": networks(12, [18, 20, 16], 1.12),
  "a network that is zero": [{ architecture: "zero", stages: [1, 1], value: () => 0 }],
};

function compileChart(chart: (typeof propagationCharts)[number], planted: readonly Planted[]) {
  const warnings: string[] = [];
  const data = chart.data(plantedRows(planted));
  const note = (...said: readonly unknown[]) => {
    warnings.push(said.join(" "));
    return logger;
  };
  const logger = {
    level: () => logger,
    warn: note,
    error: note,
    info: () => logger,
    debug: () => logger,
  };
  const spec = {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    data: { values: data },
    ...chart.spec(data),
  } as TopLevelSpec;
  // Vega-Lite's logger type is an interface with overloaded level(); ours only collects.
  const compiled = compile(spec, { logger: logger as never });
  return { warnings, data, vegaSpec: compiled.spec };
}

describe.each(propagationCharts)("chart $name", (chart) => {
  it.each(Object.entries(cases))("compiles and draws %s without a warning", async (_, planted) => {
    const { warnings, data, vegaSpec } = compileChart(chart, planted);
    expect(warnings).toEqual([]);
    const said: string[] = [];
    const logger = vega.logger(vega.Warn);
    logger.warn = (...text: readonly unknown[]) => {
      said.push(text.join(" "));
      return logger;
    };
    const view = new vega.View(vega.parse(vegaSpec), { renderer: "none", logger });
    const svg = await view.toSVG();
    view.finalize();
    expect(said).toEqual([]);
    expect(svg).not.toContain("NaN");
    for (const name of new Set(data.map((row) => row["network"]))) expect(svg).toContain(name);
  });

  it("isolates a network in every panel when its name is clicked", async () => {
    const { vegaSpec } = compileChart(chart, cases["four networks of 16 blocks"]);
    if (chart.name === "growth") return expect(JSON.stringify(vegaSpec)).not.toContain("isolate");
    const view = new vega.View(vega.parse(vegaSpec), { renderer: "none" });
    const faint = async () => ((await view.toSVG()).match(/opacity="0\.08"/g) ?? []).length;
    await view.runAsync();
    expect(await faint()).toBe(0);
    await view.signal("isolate_network_legend", "network0").runAsync();
    const lines = await faint();
    view.finalize();
    // Three other networks are left faint, a line in each of two or three panels.
    expect(lines).toBeGreaterThanOrEqual(3 * 2);
  });

  it("fits a page 1000 pixels wide", async () => {
    const { vegaSpec } = compileChart(chart, cases["four networks of 16 blocks"]);
    const view = new vega.View(vega.parse(vegaSpec), { renderer: "none" });
    const width = Number(/width="([\d.]+)"/.exec(await view.toSVG())![1]);
    view.finalize();
    expect(width).toBeGreaterThan(600);
    // Labels of a long network name may stand out a little.
    expect(width).toBeLessThan(1080);
  });

  it("has a table without values a log axis cannot show", () => {
    const { data } = compileChart(chart, cases["four networks of 16 blocks"]);
    for (const row of data)
      for (const value of Object.values(row))
        if (typeof value === "number") expect(value).toBeGreaterThan(0);
    expect(data.length).toBeGreaterThan(0);
  });
});

describe("log domains", () => {
  it("show a steady signal flat: a decade at least, about its values", () => {
    const [low, high] = logDomain([1.29, 1.31]);
    expect(high / low).toBeCloseTo(10, 10);
    expect(low * high).toBeCloseTo(1.29 * 1.31, 10);
  });

  it("hold values over 300 decades, and leave out what has no logarithm", () => {
    const [low, high] = logDomain([1e-150, 0, 1e150]);
    expect(low).toBeLessThan(1e-150);
    expect(high).toBeGreaterThan(1e150);
    expect(logDomain([0])).toEqual([1, 10]);
  });

  it("are labelled by a few round values", () => {
    expect(logTicks([0.3, 3.5])).toEqual([0.3, 0.5, 0.7, 1, 1.5, 2, 3]);
    expect(logTicks([0.03, 0.7])).toEqual([0.05, 0.1, 0.2, 0.5]);
    expect(logTicks([0.003, 5])).toEqual([0.01, 0.1, 1]);
    expect(logTicks([1e-31, 5])).toEqual([1e-28, 1e-24, 1e-20, 1e-16, 1e-12, 1e-8, 1e-4, 1]);
    expect(logTicks([1e-150, 1e150]).length).toBeLessThan(10);
  });
});
