import { expect, test } from "vitest";
import { seriesOf, specify } from "../../src/report/chart.js";
import { toSvg } from "../../src/report/vega.js";
import { propagationReport } from "./propagation.js";
import { manyNames, syntheticReport } from "./synthetic.js";

const shape = { networks: manyNames.slice(0, 4), blocks: 8, decades: 3 };

test.each([
  ["made-up charts", syntheticReport(shape)],
  ["charts of signal propagation", propagationReport(shape)],
  ["charts over 30 decades", propagationReport({ networks: manyNames, blocks: 54, decades: 30 })],
])("%s compile and draw without a warning", async (_, input) => {
  const series = seriesOf(input);
  for (const chart of input.charts) {
    const { svg, warnings } = await toSvg(specify(chart, series));
    expect(warnings, chart.name).toEqual([]);
    expect(svg).toMatch(/^<svg [\s\S]+<\/svg>$/);
    expect(svg).not.toMatch(/NaN|Infinity/);
  }
});

test("a mistake in a specification comes back as a warning", async () => {
  const shape = { field: "a", type: "nominal" };
  const bad = { data: { values: [{ a: 0.6 }] }, mark: "bar", encoding: { shape } };
  expect((await toSvg(bad)).warnings.join()).toContain("shape");
});

test("a chart that asks for an address draws without it and says so", async () => {
  const spec = {
    data: { url: "https://example.org/rows.json" },
    mark: "point",
    encoding: { x: { field: "a", type: "quantitative" } },
  };
  expect((await toSvg(spec)).warnings.join()).toContain("https://example.org/rows.json");
});

test("equal specifications give equal drawings, whatever was drawn between them", async () => {
  const clipped = (n: number) => ({
    data: { values: [{ a: 0.6, b: n }] },
    mark: { type: "line", clip: true },
    encoding: { x: { field: "a", type: "quantitative" }, y: { field: "b", type: "quantitative" } },
  });
  const first = await toSvg(clipped(1.3));
  await toSvg(clipped(2.6));
  const again = await toSvg(clipped(1.3));
  expect(first.svg).toContain('id="part1"');
  expect(again.svg).toBe(first.svg);
});

test("lengths of a drawing have at most two decimals, its words keep theirs", async () => {
  const { svg } = await toSvg({
    title: "variance 0.60653",
    data: { values: [1, 2, 3].map((a) => ({ a, b: 1.3 ** a })) },
    mark: "line",
    encoding: {
      x: { field: "a", type: "quantitative" },
      y: { field: "b", type: "quantitative", scale: { type: "log" } },
    },
  });
  expect(svg).toContain(">variance 0.60653<");
  expect(svg).toMatch(/d="M[^"]+\.\d/);
  expect(svg).not.toMatch(/ (?:d|transform)="[^"]*\.\d{3}/);
});
