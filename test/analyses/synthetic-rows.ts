import type { Joined } from "../../src/analyses/analysis.js";
import type { Direction, PropagationRow } from "../../src/analyses/parts/propagation-row.js";
import { type StatisticName, statisticNames } from "../../src/core/moments.js";
import { fold, keyOf, normal } from "../../src/core/random.js";

/** A network that was never run: what its signals do is planted. */
export interface Planted {
  readonly architecture: string;
  readonly options?: string;
  readonly stages: readonly number[];
  readonly seeds?: number;
  /** Statistic at a block (from 1) of a stage. */
  value(block: number, direction: Direction): number;
  predicted?(block: number, direction: Direction): number;
  /** Standard deviation of the logarithm between seeds. */
  readonly scatter?: number;
}

const factors: Readonly<Record<StatisticName, number>> = {
  variance: 1,
  averageChannelVariance: 0.6,
  averageChannelSquaredMean: 0.4,
  meanSquare: 1.3,
};

const parts = [
  ["", 1],
  [".branch", 0.6],
  [".shortcut", 1.3],
] as const;

function rowsOfSeed(network: Planted, seed: number): readonly Joined<PropagationRow>[] {
  const joined = { architecture: network.architecture, options: network.options ?? "", seed };
  const key = fold(keyOf(seed), joined.architecture + joined.options);
  const noise = normal(key, network.stages.length * 2).map((z) => z * (network.scatter ?? 0));
  return (["forward", "backward"] as const).flatMap((direction, d) =>
    network.stages.flatMap((stage, k) => {
      const factor = Math.exp(noise[k * 2 + d]!);
      return parts.flatMap(([part, size]) =>
        statisticNames.map((statistic) => ({
          ...joined,
          signal: `blocks.${k}${part}`,
          block: k + 1,
          stage,
          direction,
          statistic,
          value: network.value(k + 1, direction) * factors[statistic] * size * factor,
          standardError: null,
          predicted:
            part === "" && statistic === "variance"
              ? (network.predicted?.(k + 1, direction) ?? null)
              : null,
          asInPaper: null,
        })),
      );
    }),
  );
}

/** Rows as an experiment would give them. */
export function plantedRows(networks: readonly Planted[]): readonly Joined<PropagationRow>[] {
  return networks.flatMap((network) =>
    Array.from({ length: network.seeds ?? 1 }, (_, seed) => rowsOfSeed(network, seed)).flat(),
  );
}

/** `[3, 4]` blocks as stages of every block: `[1, 1, 1, 2, 2, 2, 2]`. */
export function stagesOf(blocks: readonly number[]): readonly number[] {
  return blocks.flatMap((count, stage) => new Array<number>(count).fill(stage + 1));
}
