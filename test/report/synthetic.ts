import type { Row, Verdict } from "../../src/analyses/analysis.js";
import type { ReportChart, ReportInput } from "../../src/report/index.js";

/** What a made-up report holds. */
export interface Shape {
  readonly networks: readonly string[];
  readonly blocks: number;
  /** Powers of ten that the last network runs through from first to last block. */
  readonly decades: number;
}

/** The usual names of networks, as long as they are in real reports. */
export const manyNames: readonly string[] = [
  "isonet:depth=50",
  "r-isonet:depth=50",
  "risotto:activation=relu",
  "idshort",
  "learnscalar",
  "convshort:shortcut=orthogonal",
  "fixup",
  "skipinit",
  "nf-resnet",
  "resnet:norm=batch",
  "resnet:norm=none",
  "plain:initializer=he-fan-in,activation=tanh",
];

/** Blocks after which a stage ends: three equal stages. */
export function boundaries(blocks: number): readonly number[] {
  return [Math.round(blocks / 3), Math.round((2 * blocks) / 3)];
}

/** Exponent at a block: network i of n goes from 0 down or up to a share of all decades. */
function exponent(i: number, n: number, block: number, { blocks, decades }: Shape): number {
  const share = (i + 1) / n;
  const sign = i % 2 === 0 ? 1 : -1;
  return (sign * decades * share * block) / blocks + 0.05 * Math.sin(1.3 * block + i);
}

function rowsOf(shape: Shape): readonly Row[] {
  const { networks, blocks } = shape;
  return ["forward", "backward"].flatMap((direction, side) =>
    networks.flatMap((network, i) =>
      Array.from({ length: blocks }, (_, k) => {
        const block = k + 1;
        const at = side === 0 ? block : blocks - block + 1;
        const middle = 10 ** exponent(i, networks.length, at, shape);
        return {
          network,
          direction,
          block,
          value: middle,
          low: middle / 1.6,
          high: middle * 1.6,
          predicted: i === 0 ? 10 ** ((shape.decades * at) / (blocks * networks.length)) : null,
        };
      }),
    ),
  );
}

const opacity = { condition: { param: "pick", value: 1 }, value: 0.1 };

function panel(direction: string, ends: readonly number[]): object {
  const x = { field: "block", type: "quantitative", title: "block", axis: { tickMinStep: 1 } };
  const y = (field: string) => ({
    field,
    type: "quantitative",
    title: `${direction} variance`,
    scale: { type: "log" },
    axis: { format: ".0e" },
  });
  const color = { field: "network", type: "nominal", title: "network" };
  return {
    title: direction,
    width: 360,
    height: 300,
    transform: [{ filter: { field: "direction", equal: direction } }],
    encoding: { x, color, opacity },
    layer: [
      {
        name: `${direction} bands`,
        mark: { type: "area", fillOpacity: 0.18 },
        encoding: { y: y("low"), y2: { field: "high" } },
      },
      { mark: { type: "line" }, encoding: { y: y("value") } },
      { mark: { type: "line", strokeDash: [5, 4] }, encoding: { y: y("predicted") } },
      {
        mark: { type: "point", filled: true, size: 36 },
        encoding: {
          y: y("value"),
          tooltip: [
            { field: "network", type: "nominal" },
            { field: "block", type: "quantitative" },
            { field: "value", type: "quantitative", format: ".3e" },
          ],
        },
      },
      {
        data: { values: ends.map((end) => ({ end: end + 0.5 })) },
        transform: [{ filter: "true" }],
        mark: { type: "rule", strokeDash: [2, 3] },
        encoding: {
          x: { field: "end", type: "quantitative" },
          color: { value: "#98a0ae" },
          opacity: { value: 1 },
        },
      },
    ],
  };
}

/** A chart in the shape of the signal-propagation plot: two panels, bands, dashed prediction, boundaries. */
export function propagationChart(shape: Shape): ReportChart {
  const ends = boundaries(shape.blocks);
  return {
    name: "signal-propagation",
    title: "Variance of the signal, block by block",
    howToRead:
      "A flat line keeps its signal; each step up or down by one grid line is a factor of ten. Bands span the seeds, dashes are predictions.",
    data: rowsOf(shape),
    spec: {
      params: [
        {
          name: "pick",
          select: { type: "point", fields: ["network"] },
          bind: "legend",
          views: ["forward bands"],
        },
      ],
      hconcat: [panel("forward", ends), panel("backward", ends)],
    },
  };
}

/** A second chart, of all networks but the first. */
export function gainChart({ networks }: Shape): ReportChart {
  return {
    name: "gain",
    title: "Gain a block",
    howToRead: "A bar at one keeps the signal.",
    data: networks.slice(1).map((network, i) => ({ network, gain: 0.6 + 0.13 * i })),
    spec: {
      width: 360,
      mark: "bar",
      encoding: {
        y: { field: "network", type: "nominal", title: null },
        x: { field: "gain", type: "quantitative", title: "gain a block" },
        color: { field: "network", type: "nominal", legend: null },
      },
    },
  };
}

const levels = ["good", "warning", "bad"] as const;

function verdictsOf(networks: readonly string[]): readonly Verdict[] {
  return networks.flatMap((network, i) =>
    ["forward variance", "backward variance"].map((aspect, side) => ({
      network,
      aspect,
      statement: ["preserved", "grows x1.03 a block", "explodes x1.58 a block"][(i + side) % 3]!,
      value: 0.98 + 0.3 * ((i + side) % 3),
      standardError: side === 0 ? 0.0041 : null,
      threshold: "within 0.9 to 1.1 a block",
      predicted: i === 0 ? 1 : null,
      level: levels[(i + side) % 3]!,
    })),
  );
}

/** A whole made-up report. */
export function syntheticReport(shape: Shape): ReportInput {
  const { networks } = shape;
  return {
    title: "Signal propagation of residual networks",
    question: "Does the variance of the signal survive the way through the network and back?",
    note: "Made-up numbers.",
    run: {
      command: `isoscope spp ${networks.join(" ")} --data cifar10 --batch 64 --seeds 3`,
      networks: networks.map((label) => ({
        name: label.split(":")[0]!,
        label,
        options: { depth: shape.blocks, width: 64, initializer: "he-fan-in", shortcut: null },
        notes: ["threshold starts at -1"],
      })),
      seeds: [0, 1, 2],
      data: { name: "cifar10", normalisation: "per channel", hash: "9f86d081884c7d65", batch: 64 },
      backend: { name: "cpu", versions: { "tfjs-core": "4.22.0", node: "20.20.2" } },
      analysis: { name: "spp", options: { statistic: "variance", quick: false } },
      version: "0.1.0",
    },
    verdicts: verdictsOf(networks),
    charts: [propagationChart(shape), ...(networks.length > 1 ? [gainChart(shape)] : [])],
    summary: {
      header: ["Network", "Last block, forward", "First block, backward"],
      rows: networks.map((network, i) => [network, `${(0.6 * (i + 1)).toFixed(2)}`, "1.3e-7"]),
    },
  };
}
