import type { StatisticName } from "../../core/moments.js";
import type { Joined } from "../analysis.js";
import type { Direction, PropagationRow } from "./propagation-row.js";
import { placeOf } from "./propagation-row.js";

/** Name of a network in charts, tables and verdicts: `isonet` or `isonet:depth=20`. */
export function networkName(row: { readonly architecture: string; readonly options: string }) {
  return row.options === "" ? row.architecture : `${row.architecture}:${row.options}`;
}

/** Names of the networks in order of appearance. */
export function networkNames(
  rows: readonly { readonly architecture: string; readonly options: string }[],
): readonly string[] {
  return [...new Set(rows.map(networkName))];
}

/** One block of one seed's series. */
export interface SeriesPoint {
  readonly block: number;
  readonly stage: number;
  readonly value: number;
  readonly predicted: number | null;
  readonly asInPaper: number | null;
}

/** One statistic by block of one network, a list for every seed, blocks in order. */
export interface Series {
  readonly network: string;
  readonly seeds: readonly (readonly SeriesPoint[])[];
}

/** Which rows make a series. */
export interface SeriesChoice {
  readonly statistic: StatisticName;
  readonly direction: Direction;
  readonly part: "output" | "branch" | "shortcut";
}

type Group = Map<number, SeriesPoint[]>;

function chosen(row: PropagationRow, choice: SeriesChoice): boolean {
  return (
    row.statistic === choice.statistic &&
    row.direction === choice.direction &&
    placeOf(row.signal)?.part === choice.part
  );
}

/** The chosen statistic by block, one series a network in order of appearance. */
export function seriesOf(
  rows: readonly Joined<PropagationRow>[],
  choice: SeriesChoice,
): readonly Series[] {
  const groups = new Map<string, Group>();
  for (const row of rows) {
    if (!chosen(row, choice) || row.block === null || row.stage === null) continue;
    const name = networkName(row);
    const group: Group = groups.get(name) ?? new Map();
    const points = group.get(row.seed) ?? [];
    const { block, stage, value, predicted, asInPaper } = row;
    points.push({ block, stage, value, predicted, asInPaper });
    groups.set(name, group.set(row.seed, points));
  }
  return [...groups].map(([network, group]) => ({
    network,
    seeds: [...group.values()].map((points) => points.sort((a, b) => a.block - b.block)),
  }));
}
