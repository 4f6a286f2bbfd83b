import { UserError } from "../../core/errors.js";
import { z } from "../../core/schema.js";
import type { Shape } from "../../core/shape.js";

/** Options every family shares: what goes in, how many classes come out, which trunk carries it. */
export const inputOptions = {
  /** Height and width; from the data, else 224 (imagenet) or 32 (cifar). */
  size: z.int().min(8).max(1024).optional(),
  /** Input channels; from the data, else 3. */
  channels: z.int().min(1).max(4).optional(),
  /** From the data, else 1000 (imagenet) or 10 (cifar). */
  classes: z.int().min(2).max(100_000).optional(),
  /**
   * Four stages of widths 64..512 (`imagenet`) or three of 16..64 (`cifar`); from the depth unless
   * given.
   */
  input: z.enum(["imagenet", "cifar"]).optional(),
} as const;

/** Options that `resolveTrunk` reads. */
export interface TrunkOptions {
  readonly depth: number;
  readonly size?: number | undefined;
  readonly channels?: number | undefined;
  readonly classes?: number | undefined;
  readonly input?: "imagenet" | "cifar" | undefined;
  readonly block?: "basic" | "bottleneck" | undefined;
}

/** Where a block stands. `first` marks the first block of its stage. */
export interface Place {
  /** From 0 through the whole network. */
  readonly index: number;
  /** From 1. */
  readonly stage: number;
  readonly first: boolean;
  readonly stride: 1 | 2;
  readonly inWidth: number;
  /** Channels of the branch's inner convolutions. */
  readonly inner: number;
  readonly outWidth: number;
  /** Height and width of the block's input. */
  readonly size: number;
}

/** A resolved trunk. */
export interface Trunk {
  readonly input: "imagenet" | "cifar";
  readonly block: "basic" | "bottleneck";
  readonly depth: number;
  readonly inShape: Shape;
  readonly classes: number;
  readonly stemWidth: number;
  /** `7x7` is stride 2 with a max pool behind it: a quarter of the size reaches the blocks. */
  readonly stem: "3x3" | "7x7";
  readonly places: readonly Place[];
  /** What was not said and how it was resolved. */
  readonly notes: readonly string[];
}

const imagenetBlocks: Readonly<Record<number, readonly number[]>> = {
  18: [2, 2, 2, 2],
  34: [3, 4, 6, 3],
  50: [3, 4, 6, 3],
  101: [3, 4, 23, 3],
  152: [3, 8, 36, 3],
};

interface Stages {
  readonly blocks: readonly number[];
  readonly inner: readonly number[];
  readonly out: readonly number[];
  readonly stemWidth: number;
}

function imagenetStages(depth: number, block: "basic" | "bottleneck", where: string): Stages {
  const blocks = imagenetBlocks[depth];
  if (blocks === undefined) {
    const allowed = Object.keys(imagenetBlocks).join(", ");
    throw new UserError(
      `${where}: option "depth" is ${depth}; allowed for input=imagenet: ${allowed}`,
    );
  }
  const inner = [64, 128, 256, 512];
  return {
    blocks,
    inner,
    out: block === "basic" ? inner : inner.map((w) => 4 * w),
    stemWidth: 64,
  };
}

function cifarStages(depth: number, block: "basic" | "bottleneck", where: string): Stages {
  const layers = block === "basic" ? 6 : 9;
  const n = (depth - 2) / layers;
  if (!Number.isInteger(n) || n < 1) {
    const below = Math.max(1, Math.floor(n)) * layers + 2;
    throw new UserError(
      `${where}: option "depth" is ${depth}; allowed for input=cifar, block=${block}: ${layers}n+2 (near: ${below}, ${below + layers})`,
    );
  }
  const blocks = [n, n, n];
  if (block === "basic") return { blocks, inner: [16, 32, 64], out: [16, 32, 64], stemWidth: 16 };
  return {
    blocks,
    inner: [128, 256, 512],
    out: [256, 512, 1024],
    stemWidth: 64,
  };
}

function placesOf(stages: Stages, size: number): readonly Place[] {
  const places: Place[] = [];
  let at = { width: stages.stemWidth, size };
  stages.blocks.forEach((count, s) => {
    for (let j = 0; j < count; j++) {
      const stride = s > 0 && j === 0 ? 2 : 1;
      const outWidth = stages.out[s]!;
      places.push({
        index: places.length,
        stage: s + 1,
        first: j === 0,
        stride,
        inWidth: at.width,
        inner: stages.inner[s]!,
        outWidth,
        size: at.size,
      });
      at = { width: outWidth, size: Math.ceil(at.size / stride) };
    }
  });
  return places;
}

/**
 * The trunk that options ask for. `stem` is the family's own unless its options say; `where` names
 * the architecture in errors. Throws `UserError` on a depth that the trunk does not have.
 */
export function resolveTrunk(options: TrunkOptions, where: string, stem?: "3x3" | "7x7"): Trunk {
  const { depth } = options;
  const input = options.input ?? (imagenetBlocks[depth] === undefined ? "cifar" : "imagenet");
  const block = options.block ?? (input === "imagenet" && depth >= 50 ? "bottleneck" : "basic");
  const stages = (input === "imagenet" ? imagenetStages : cifarStages)(depth, block, where);
  const resolvedStem = stem ?? (input === "imagenet" ? "7x7" : "3x3");
  const size = options.size ?? (resolvedStem === "7x7" ? 224 : 32);
  const classes = options.classes ?? (resolvedStem === "7x7" ? 1000 : 10);
  const atBlocks = resolvedStem === "7x7" ? Math.ceil(Math.ceil(size / 2) / 2) : size;
  return {
    input,
    block,
    depth,
    inShape: [size, size, options.channels ?? 3],
    classes,
    stemWidth: stages.stemWidth,
    stem: resolvedStem,
    places: placesOf(stages, atBlocks),
    notes: [
      `trunk: ${input}, ${block} blocks, ${resolvedStem} stem, ${size}x${size} input, ${classes} classes`,
    ],
  };
}
