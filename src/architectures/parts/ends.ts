import { z } from "../../core/schema.js";
import { pytorchBias } from "../../initializers/pytorch-bias.js";
import { pytorchConv } from "../../initializers/pytorch-conv.js";
import { dense } from "../../layers/dense.js";
import { dropout } from "../../layers/dropout.js";
import { globalAveragePool } from "../../layers/global-average-pool.js";
import type { Layer } from "../../layers/layer.js";
import { maxPool } from "../../layers/max-pool.js";
import { serial } from "../../layers/serial.js";
import type { Convolution } from "./branch.js";
import type { Place, Trunk, TrunkOptions } from "./trunk.js";
import { inputOptions, resolveTrunk } from "./trunk.js";

/** Options of the families that come on either trunk, with either block and either stem. */
export const trunkOptions = {
  ...inputOptions,
  /** `bottleneck` from depth 50 on the imagenet trunk, else `basic`. */
  block: z.enum(["basic", "bottleneck"]).optional(),
  /** `7x7` on the imagenet trunk from 64 pixels on or where the size is open, else `3x3`. */
  stem: z.enum(["3x3", "7x7"]).optional(),
} as const;

/** Side of the smallest image that a 7x7 stem, which keeps a quarter of it, is the default for. */
const leastSizeForLargeStem = 64;

/** What `familyTrunk` reads. */
export interface FamilyTrunkOptions extends TrunkOptions {
  readonly stem?: "3x3" | "7x7" | undefined;
}

/** The trunk with its default stem. Throws `UserError` on a depth that the trunk does not have. */
export function familyTrunk(options: FamilyTrunkOptions, where: string): Trunk {
  const small = options.size !== undefined && options.size < leastSizeForLargeStem;
  return resolveTrunk(options, where, options.stem ?? (small ? "3x3" : undefined));
}

/** The stem's convolution: 7x7 with stride 2, or 3x3 with stride 1. */
export function stemConvolution(trunk: Trunk): Convolution {
  const [size, stride] = trunk.stem === "7x7" ? [7, 2] : [3, 1];
  return { size, stride, inWidth: trunk.inShape[2]!, outWidth: trunk.stemWidth };
}

/**
 * The stem's last part: a 3x3 max pool with stride 2 behind a 7x7 convolution, nothing behind a
 * 3x3.
 */
export function stemPool(trunk: Trunk): Readonly<Record<string, Layer>> {
  return trunk.stem === "7x7" ? { pool: maxPool({ size: 3, stride: 2, padding: 1 }) } : {};
}

/**
 * From the last block to what the classifier reads: `before`, the mean of every channel, dropout of
 * `rate`.
 */
export function pooledFeatures(rate: number, before: Readonly<Record<string, Layer>> = {}): Layer {
  return serial({
    ...before,
    pool: globalAveragePool(),
    ...(rate > 0 ? { dropout: dropout({ rate }) } : {}),
  });
}

/** Channels that leave the last block. */
export function lastWidth(trunk: Trunk): number {
  return trunk.places.at(-1)!.outWidth;
}

/** A classifier as `torch.nn.Linear` starts it: weight and bias uniform within 1/sqrt(fanIn). */
export function defaultClassifier(trunk: Trunk): Layer {
  const bias = pytorchBias(lastWidth(trunk));
  return dense({ units: trunk.classes, initializer: pytorchConv(), bias });
}

/** Whether a block is the last of its stage. */
export function endsStage(trunk: Trunk, place: Place): boolean {
  return trunk.places[place.index + 1]?.stage !== place.stage;
}
