import type { Row } from "../analyses/analysis.js";
import { toJson } from "../core/json.js";
import { escapeHtml } from "./html.js";
import type { ReportChart, ReportInput } from "./input.js";
import { toPng } from "./png.js";
import { chartConfig, schemes, stillFont } from "./theme.js";
import { type Specification, toSvg } from "./vega.js";

/** A chart with its data and the colours of its series settled, and its still picture. */
export interface DrawnChart extends ReportChart {
  readonly specification: Specification;
  readonly svg: string;
}

/** The column that carries the name of a series. */
const seriesColumn = "network";

/** Channels that colour a mark. */
const colourChannels = new Set(["color", "stroke", "fill"]);

function seriesIn(data: readonly Row[]): ReadonlySet<string> {
  return new Set(data.flatMap(({ [seriesColumn]: name }) => (name == null ? [] : [String(name)])));
}

/** Names of all series in the order of the networks; those no network is named after come last. */
export function seriesOf(input: ReportInput): readonly string[] {
  const drawn = new Set(input.charts.flatMap(({ data }) => [...seriesIn(data)]));
  const known = input.run.networks.map(({ label, name }) => (drawn.has(label) ? label : name));
  return [...new Set([...known.filter((name) => drawn.has(name)), ...drawn])];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a scale has beside its values and colours: those are the report's. */
function scaleWithoutColours(scale: unknown): Readonly<Record<string, unknown>> {
  const colours = new Set(["domain", "range", "scheme"]);
  return Object.fromEntries(Object.entries(asRecord(scale)).filter(([name]) => !colours.has(name)));
}

/**
 * A colour channel with the series of the whole report, and a legend of those that this chart has.
 */
function paintChannel(
  channel: Readonly<Record<string, unknown>>,
  series: readonly string[],
  present: readonly string[],
): Readonly<Record<string, unknown>> {
  const painted = {
    ...channel,
    scale: { ...scaleWithoutColours(channel["scale"]), domain: series },
  };
  if (channel["legend"] === null || present.length === series.length) return painted;
  return { ...painted, legend: { values: present, ...asRecord(channel["legend"]) } };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

/**
 * Gives every colour channel of the series column the same domain, so that a network keeps its
 * colour in all charts, and makes every text one that Vega can carry.
 */
function paint(spec: unknown, series: readonly string[], present: readonly string[]): unknown {
  if (typeof spec === "string") return drawableText(spec);
  if (Array.isArray(spec)) return spec.map((part) => paint(part, series, present));
  if (!isRecord(spec)) return spec;
  return Object.fromEntries(
    Object.entries(spec).map(([name, value]) => {
      const colours =
        colourChannels.has(name) && isRecord(value) && value["field"] === seriesColumn;
      return [name, colours ? paintChannel(value, series, present) : paint(value, series, present)];
    }),
  );
}

/**
 * A text as Vega can carry it. Vega keeps groups in plain objects, where a series named `__proto__`
 * or `constructor` would get lost: such names start with a character that has no width. Its
 * expressions know no line ends.
 */
function drawableText(text: string): string {
  if (text in Object.prototype) return `\u200b${text}`;
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
}

/** Vega-Lite leaves out what is null; a number it cannot place on an axis becomes null. */
function drawableValue(value: Row[string]): Row[string] {
  if (typeof value === "string") return drawableText(value);
  return typeof value === "number" && !Number.isFinite(value) ? null : (value ?? null);
}

function drawable(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [column, drawableValue(value)]),
  );
}

/** What a picture says to a reader who does not see it. */
export function alternativeText(chart: ReportChart): string {
  return `${chart.title}. ${chart.howToRead}`;
}

/** The specification with its data; colours come from a `config` given later. */
export function specify(chart: ReportChart, series: readonly string[]): Specification {
  const seen = seriesIn(chart.data);
  const names = series.map(drawableText);
  const present = series.filter((name) => seen.has(name)).map(drawableText);
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: alternativeText(chart),
    ...asRecord(paint(chart.spec, names, present)),
    data: { values: chart.data.map(drawable) },
  };
}

/**
 * The specification as it stands in a file: it draws alone, and each row of its data is one line.
 */
export function specificationText(specification: Specification, series: number): string {
  const { data, ...given } = specification;
  const rest = { ...given, config: stillConfig(series) };
  const rows = (asRecord(data)["values"] as readonly Row[]).map((row) => `  ${toJson(row)}`);
  const head = Object.entries(rest).map(([name, value]) => `${toJson(name)}: ${toJson(value)},\n`);
  return `{\n${head.join("")}"data": {"values": [\n${rows.join(",\n")}\n]}\n}\n`;
}

function stillConfig(series: number): Readonly<Record<string, unknown>> {
  return chartConfig(schemes.light, series, stillFont);
}

/** Draws the still picture of a chart. */
export async function drawChart(
  chart: ReportChart,
  series: readonly string[],
): Promise<DrawnChart> {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(chart.name))
    throw new RangeError(`chart name "${chart.name}": not lower-case letters, digits and dashes`);
  const specification = specify(chart, series);
  const { svg } = await toSvg({ ...specification, config: stillConfig(series.length) });
  const label = escapeHtml(alternativeText(chart));
  return {
    ...chart,
    specification,
    svg: svg.replace("<svg ", () => `<svg role="img" aria-label="${label}" `),
  };
}

/** The files of a drawn chart by path. */
export async function chartFiles(
  chart: DrawnChart,
  series: number,
): Promise<readonly (readonly [string, string | Uint8Array])[]> {
  const path = `charts/${chart.name}`;
  return [
    [`${path}.vl.json`, specificationText(chart.specification, series)],
    [`${path}.svg`, `${chart.svg}\n`],
    [`${path}.png`, await toPng(chart.svg)],
  ];
}
