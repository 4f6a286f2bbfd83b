import type { Joined, Row } from "../analysis.js";
import { namesOf, networkColour } from "./colours.js";
import { growthOf } from "./growth.js";
import { logChannel, logDomain } from "./log-axis.js";
import type { Direction, PropagationRow } from "./propagation-row.js";
import { outputSeries } from "./propagation-verdict.js";
import { predictedGrowth } from "./theory-growth.js";

/** One bar: the fitted factor a block of one network in one direction. */
export type GrowthBar = {
  readonly network: string;
  readonly direction: Direction;
  readonly factor: number;
  readonly low: number;
  readonly high: number;
  readonly predicted: number | null;
  readonly seeds: number;
};

/** Fitted factors of all networks; those with fewer than two positive blocks have none. */
export function growthBars(rows: readonly Joined<PropagationRow>[]): readonly GrowthBar[] {
  return (["forward", "backward"] as const).flatMap((direction) =>
    outputSeries(rows, direction).flatMap(({ network, seeds }) => {
      const growth = growthOf(seeds, direction);
      const rate = growth.factor ?? growth.overall;
      if (rate === null) return [];
      const error = rate.standardError ?? 0;
      const low = error < rate.value ? rate.value - error : rate.value;
      return [
        {
          network,
          direction,
          factor: rate.value,
          low,
          high: rate.value + error,
          predicted: predictedGrowth(seeds[0]!, direction),
          seeds: seeds.length,
        },
      ];
    }),
  );
}

function domainOf(data: readonly Row[]): readonly [number, number] {
  const values = data.flatMap(({ factor, low, high, predicted }) => [factor, low, high, predicted]);
  const numbers = values.filter((v): v is number => typeof v === "number" && Number.isFinite(v));
  const [low, high] = logDomain([1, ...numbers]);
  return numbers.every((v) => v > 0.5 && v < 2) ? [0.5, 2] : [low, high];
}

const tooltip = [
  { field: "network", type: "nominal" },
  { field: "direction", type: "nominal" },
  ...["factor", "low", "high", "predicted"].map((field) => ({
    field,
    type: "quantitative",
    format: ".4~g",
  })),
  { field: "seeds", type: "quantitative" },
];

function panel(direction: Direction, names: readonly string[], domain: readonly [number, number]) {
  const x = (field: string) => ({
    field,
    type: "quantitative",
    title: "factor a block (log scale)",
    ...logChannel(domain),
  });
  const labels = direction === "forward" ? { labelLimit: 260 } : null;
  const y = { field: "network", type: "nominal", title: null, sort: names, axis: labels };
  const color = { ...networkColour(names), legend: null };
  return {
    title: { text: direction, fontWeight: "normal" },
    width: 330,
    height: { step: 24 },
    transform: [{ filter: { field: "direction", equal: direction } }],
    layer: [
      {
        mark: { type: "bar", height: 14, opacity: 0.75 },
        encoding: { x: x("factor"), x2: { datum: 1 }, y, color, tooltip },
      },
      { mark: { type: "rule" }, encoding: { x: x("low"), x2: { field: "high" }, y, tooltip } },
      {
        transform: [{ filter: "isValid(datum.predicted)" }],
        mark: { type: "tick", thickness: 2, height: 20 },
        encoding: { x: x("predicted"), y, tooltip },
      },
      {
        mark: { type: "rule" },
        encoding: { x: { datum: 1, type: "quantitative" } },
      },
    ],
  };
}

/** Bars from 1 by network, forward and backward side by side on the same log axis. */
export function growthBarSpec(data: readonly Row[]): Readonly<Record<string, unknown>> {
  const names = namesOf(data);
  const domain = domainOf(data);
  return {
    hconcat: [panel("forward", names, domain), panel("backward", names, domain)],
    resolve: { scale: { color: "shared", y: "shared" } },
  };
}
