import type { ZodType } from "../core/schema.js";
import type { Shape } from "../core/shape.js";
import type { Layer } from "../layers/layer.js";

/**
 * Infinite-width prediction for one block at initialisation. A number is the gain of the statistic
 * over the block (output / input forward; input / output backward); `value` instead is the
 * statistic itself. `asInPaper` is the gain printed by the paper (circular convolutions), where it
 * differs from `gain`, which includes what zero padding and strides do.
 */
export interface Prediction {
  readonly statistic:
    | "variance"
    | "averageChannelVariance"
    | "averageChannelSquaredMean"
    | "meanSquare";
  readonly gain?: number;
  readonly value?: number;
  readonly asInPaper?: number;
}

/** What theory says of a block, by direction. */
export interface BlockTheory {
  readonly forward?: Prediction;
  readonly backward?: Prediction;
  /** Authors, year, arXiv id, equation. */
  readonly source: string;
}

/** One block of the trunk. `stage` counts from 1. */
export interface Block {
  readonly stage: number;
  readonly layer: Layer;
  readonly theory?: BlockTheory;
}

/**
 * A network as data. Signals: `stem`, `blocks.K` (K from 0), `blocks.K.branch`,
 * `blocks.K.shortcut`, `features` (what the classifier reads, `[features]`), `logits`.
 */
export interface Network {
  readonly inShape: Shape;
  readonly classes: number;
  readonly stem: Layer;
  readonly blocks: readonly Block[];
  /** From the last block to the pooled features. */
  readonly features: Layer;
  readonly classifier: Layer;
  /**
   * Sentences about this very network that a reader must know: why it cannot be exact, what was
   * resolved.
   */
  readonly notes?: readonly string[];
}

/**
 * Parameters of a group: those whose role and name match. Factors apply to the recipe's base
 * values.
 */
export interface ParameterGroup {
  readonly roles?: readonly string[];
  /** A regular expression on the parameter's name. */
  readonly pattern?: string;
  readonly learningRateFactor?: number;
  readonly weightDecayFactor?: number;
}

/** How a paper trains a network: data, no code. */
export interface TrainingRecipe {
  readonly source: string;
  readonly optimizer: {
    readonly name: "sgd";
    readonly momentum: number;
    readonly nesterov: boolean;
  };
  readonly learningRate: number;
  readonly batch: number;
  readonly epochs?: number;
  readonly weightDecay?: number;
  readonly schedule: {
    readonly name: "step" | "cosine" | "constant";
    readonly milestones?: readonly number[];
    readonly factor?: number;
    readonly per?: "epoch" | "step";
  };
  readonly warmupEpochs?: number;
  readonly groups?: readonly ParameterGroup[];
  readonly augmentation?: readonly string[];
  readonly orthogonality?: number;
  readonly dropout?: number;
  readonly mixup?: number;
  readonly labelSmoothing?: number;
  readonly notes?: readonly string[];
}

/** One network family; a file of this folder exports one as default and is named after it. */
export interface Architecture<O> {
  readonly title: string;
  readonly source: string;
  readonly summary: string;
  readonly options: ZodType<O>;
  readonly presets: Readonly<Record<string, Partial<O>>>;
  /** Options that make it build and run in milliseconds. */
  readonly quick: Partial<O>;
  /** Throws `UserError` when options do not go together. */
  build(options: O): Network;
  recipe?(options: O): TrainingRecipe;
}
