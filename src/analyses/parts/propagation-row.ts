import type { StatisticName } from "../../core/moments.js";

/** Which way a signal travels: values from the input on, or gradients from the loss back. */
export type Direction = "forward" | "backward";

/** One statistic of one signal in one direction. */
export type PropagationRow = {
  /**
   * `stem`, `blocks.K`, `blocks.K.branch`, `blocks.K.shortcut`, `features` or `logits`; K from 0.
   */
  readonly signal: string;
  /** K + 1, or null for a signal outside the blocks. */
  readonly block: number | null;
  /** From 1, or null for a signal outside the blocks. */
  readonly stage: number | null;
  readonly direction: Direction;
  readonly statistic: StatisticName;
  /** Infinity or NaN when the signal holds one: an overflow is a result. */
  readonly value: number;
  /**
   * Jackknife over the samples of the batch; null for one sample and for values that are not
   * finite.
   */
  readonly standardError: number | null;
  /**
   * Mean-field prediction at `blocks.K`, from the nearest measured anchor before it; null where
   * unknown.
   */
  readonly predicted: number | null;
  /** The same with the gains that the paper prints, where they differ; null elsewhere. */
  readonly asInPaper: number | null;
};

/** What a signal's name says of its place. */
export interface Place {
  readonly part: "output" | "branch" | "shortcut" | "outside";
  readonly block: number | null;
}

/**
 * The place of a measured signal, or undefined for a signal inside a block that is not measured.
 */
export function placeOf(signal: string): Place | undefined {
  if (signal === "stem" || signal === "features" || signal === "logits")
    return { part: "outside", block: null };
  const match = /^blocks\.(\d+)(?:\.(branch|shortcut))?$/.exec(signal);
  if (match === null) return undefined;
  const part = match[2] === "branch" || match[2] === "shortcut" ? match[2] : "output";
  return { part, block: Number(match[1]) + 1 };
}
