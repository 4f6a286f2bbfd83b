import { chartFiles, type DrawnChart, drawChart, seriesOf } from "./chart.js";
import { readInlined } from "./inlined.js";
import type { ReportInput } from "./input.js";
import { renderMarkdown } from "./markdown.js";
import { renderPage } from "./page.js";

/** Files of a report by path below its folder. */
export type ReportFiles = ReadonlyMap<string, Uint8Array>;

async function drawAll(
  input: ReportInput,
  series: readonly string[],
): Promise<readonly DrawnChart[]> {
  const charts: DrawnChart[] = [];
  for (const chart of input.charts) charts.push(await drawChart(chart, series));
  return charts;
}

/**
 * Draws a report: `index.html`, `report.md` and `charts/<name>.{vl.json,svg,png}` as bytes by path.
 * Equal inputs give equal bytes. Throws `RangeError` for a chart name that cannot be a file name.
 */
export async function renderReport(input: ReportInput): Promise<ReportFiles> {
  const series = seriesOf(input);
  const charts = await drawAll(input, series);
  const files: [string, string | Uint8Array][] = [
    ["index.html", renderPage(input, charts, series, readInlined())],
    ["report.md", renderMarkdown(input)],
  ];
  for (const chart of charts) {
    for (const [path, bytes] of await chartFiles(chart, series.length)) files.push([path, bytes]);
  }
  const encoder = new TextEncoder();
  return new Map(
    files.map(([path, bytes]) => [path, typeof bytes === "string" ? encoder.encode(bytes) : bytes]),
  );
}
