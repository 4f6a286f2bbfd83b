import type { Row } from "../analysis.js";
import { namesOf, networkColour } from "./colours.js";
import { logChannel, logDomain } from "./log-axis.js";

type Spec = Readonly<Record<string, unknown>>;

/** Width of all panels together with their axes, in pixels. */
const pageWidth = 1000;
const axisWidth = 75;
const height = 300;

function numbersOf(rows: readonly Row[], columns: readonly string[]): readonly number[] {
  return rows.flatMap((row) =>
    columns
      .map((column) => row[column])
      .filter((v): v is number => typeof v === "number" && Number.isFinite(v)),
  );
}

/** Whether no network has a block inside a stage where another one begins a stage. */
function sharedStarts(rows: readonly Row[]): boolean {
  const starts = new Set(rows.filter((row) => row["starts"] === true).map((row) => row["block"]));
  return rows.every((row) => starts.has(row["block"] ?? null) === row["starts"]);
}

interface Parts {
  readonly names: readonly string[];
  readonly domain: readonly [number, number];
  readonly blocks: number;
  readonly yTitle: string | null;
}

function faded(shown: number) {
  return { condition: { param: "isolate", value: shown }, value: shown * 0.08 };
}

function encodings({ names, domain, blocks, yTitle }: Parts) {
  const x = {
    field: "block",
    type: "quantitative",
    title: "block",
    scale: { domain: [0.5, blocks + 0.5], nice: false, zero: false },
    axis: { format: "d", tickMinStep: 1, grid: false },
  };
  const y = (field: string) => ({
    field,
    type: "quantitative",
    title: yTitle,
    ...logChannel(domain),
  });
  return { x, y, color: networkColour(names) };
}

const tooltip = [
  { field: "network", type: "nominal" },
  { field: "block", type: "quantitative" },
  { field: "stage", type: "quantitative" },
  ...["mean", "low", "high", "predicted"].map((field) => ({
    field,
    type: "quantitative",
    format: ".4~g",
  })),
  { field: "seeds", type: "quantitative" },
];

/**
 * Thin rules before the first blocks of stages, or hollow diamonds on the lines when networks
 * differ.
 */
function stageMarks(parts: Parts, shared: boolean): Spec {
  const { x, y, color } = encodings(parts);
  if (!shared)
    return {
      transform: [{ filter: "datum.starts" }],
      mark: { type: "point", shape: "diamond", size: 70, filled: false },
      encoding: { x, y: y("mean"), color, opacity: faded(0.9) },
    };
  return {
    transform: [
      { filter: "datum.starts" },
      { aggregate: [{ op: "count", as: "networks" }], groupby: ["block"] },
      { calculate: "datum.block - 0.5", as: "edge" },
    ],
    mark: { type: "rule", strokeWidth: 1 },
    encoding: { x: { ...x, field: "edge" } },
  };
}

const isolate = {
  name: "isolate",
  select: { type: "point", fields: ["network"] },
  bind: "legend",
};

function layers(parts: Parts, shared: boolean, first: boolean): readonly Spec[] {
  const { x, y, color } = encodings(parts);
  return [
    stageMarks(parts, shared),
    {
      mark: { type: "area" },
      encoding: { x, y: y("low"), y2: { field: "high" }, color, opacity: faded(0.18) },
    },
    {
      transform: [{ filter: "isValid(datum.predicted)" }],
      mark: { type: "line", strokeDash: [6, 4], strokeWidth: 1.5 },
      encoding: { x, y: y("predicted"), color, opacity: faded(0.9) },
    },
    {
      ...(first ? { params: [isolate] } : {}),
      mark: { type: "line", strokeWidth: 2 },
      encoding: { x, y: y("mean"), color, opacity: faded(1) },
    },
    {
      mark: { type: "point", filled: true, size: parts.blocks > 20 ? 14 : 30 },
      encoding: { x, y: y("mean"), color, opacity: faded(1), tooltip },
    },
    {
      transform: [{ filter: "datum.end !== ''" }],
      mark: { type: "point", filled: true, shape: "triangle-up", size: 130 },
      encoding: { x, y: y("mean"), color, opacity: faded(1), tooltip },
    },
  ];
}

/** One panel: the value of the column `panel` that its rows have. */
export interface Panel {
  readonly panel: string;
  /** Panels whose values lie on the same axis; its own alone unless given. */
  readonly alike?: readonly string[];
}

/**
 * Line charts by block on log axes side by side, from rows with the columns of `BandRow`.
 * All share the colours and the legend, where a click isolates a network in every panel.
 */
export function panels(data: readonly Row[], list: readonly Panel[], yTitle: string): Spec {
  const networks = namesOf(data);
  const blocks = Math.max(1, ...numbersOf(data, ["block"]));
  const width = Math.floor(pageWidth / list.length) - axisWidth;
  return {
    hconcat: list.map(({ panel, alike = [panel] }, i) => {
      const rows = data.filter((row) => row["panel"] === panel);
      const scaled = data.filter((row) => alike.includes(String(row["panel"])));
      const domain = logDomain(numbersOf(scaled, ["mean", "low", "high", "predicted"]));
      const parts = { names: networks, domain, blocks, yTitle: i === 0 ? yTitle : null };
      return {
        title: { text: panel, fontWeight: "normal" },
        width,
        height,
        transform: [{ filter: { field: "panel", equal: panel } }],
        layer: layers(parts, sharedStarts(rows), i === 0),
      };
    }),
    resolve: { scale: { color: "shared" }, legend: { color: "shared" } },
  };
}
