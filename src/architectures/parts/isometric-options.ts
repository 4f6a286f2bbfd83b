import { z } from "../../core/schema.js";
import { initializerNames } from "../../initializers/by-name.js";
import { trunkOptions } from "./ends.js";

/** Options of ISONet and R-ISONet but `skip`, whose default tells the two apart. */
export const isometricShape = {
  ...trunkOptions,
  /** 18, 34, 50, 101 or 152 (imagenet); 6n+2 (cifar, basic) or 9n+2 (cifar, bottleneck). */
  depth: z.int().min(8).max(1202).default(34),
  activation: z.enum(["srelu", "relu"]).default("srelu"),
  /** Threshold b of the shifted ReLU max(x, b) at the start. */
  threshold: z.number().default(-1),
  /** Whether thresholds are learnt. */
  trainableThreshold: z.boolean().default(true),
  /** Of every convolution; with `delta` a 7x7 stem keeps PyTorch's default. */
  init: z.enum(initializerNames).default("delta"),
  /** Coefficient of the orthogonality penalty in training; from the depth unless given. */
  orthogonality: z.number().min(0).optional(),
  /** Rate of dropout before the classifier. */
  dropout: z.number().min(0).lt(1).default(0),
  batchNorm: z.boolean().default(false),
  /**
   * Factor of the branch at the start, one number a block; `none` leaves it out. 0 unless given.
   */
  scalar: z.union([z.number(), z.literal("none")]).optional(),
  /** Whether scalars are learnt. */
  trainableScalar: z.boolean().default(true),
} as const;

/** Options of ISONet: no skip connections unless asked for. */
export const isonetOptions = z.strictObject({
  ...isometricShape,
  skip: z.boolean().default(false),
});

/** Options of R-ISONet: skip connections unless told not to. */
export const risonetOptions = z.strictObject({
  ...isometricShape,
  skip: z.boolean().default(true),
});

/** Resolved options of either. */
export type IsometricOptions = z.infer<typeof isonetOptions>;

const plainConvolutions = { activation: "relu", init: "he-fan-out", orthogonality: 0 } as const;

/** Presets that both have: trunks of the paper and of the CIFAR experiments. */
export const isometricPresets: Readonly<Record<string, Partial<IsometricOptions>>> = {
  "imagenet-18": { depth: 18 },
  "imagenet-34": { depth: 34 },
  "imagenet-50": { depth: 50 },
  "imagenet-101": { depth: 101 },
  "cifar-20": { depth: 20 },
  "cifar-32": { depth: 32 },
  "cifar-38": { depth: 38 },
  "cifar-56": { depth: 56 },
  "cifar-110": { depth: 110 },
  "cifar-bottleneck-29": { depth: 29, input: "cifar", block: "bottleneck" },
  "cifar-bottleneck-56": { depth: 56, input: "cifar", block: "bottleneck" },
};

/**
 * The paper's ablations of ISONet-34 and its baselines without skip connections (tables 1, 3 and
 * 4).
 */
export const isonetPresets: Readonly<Record<string, Partial<IsometricOptions>>> = {
  ...isometricPresets,
  "imagenet-34-dropout": { depth: 34, dropout: 0.1 },
  "imagenet-34-relu": { depth: 34, activation: "relu" },
  "imagenet-34-fixed-threshold": { depth: 34, trainableThreshold: false },
  "imagenet-34-threshold-2": { depth: 34, threshold: -2 },
  "imagenet-34-he": { depth: 34, init: "he-fan-out" },
  "imagenet-34-no-penalty": { depth: 34, orthogonality: 0 },
  "vanilla-34": { depth: 34, ...plainConvolutions },
  "vanilla-batch-norm-34": { depth: 34, ...plainConvolutions, batchNorm: true },
};

/** R-ISONet with the paper's dropout and its baseline without batch norm (table 5). */
export const risonetPresets: Readonly<Record<string, Partial<IsometricOptions>>> = {
  ...isometricPresets,
  "imagenet-50-dropout": { depth: 50, dropout: 0.4 },
  "vanilla-18": { depth: 18, ...plainConvolutions, scalar: "none" },
};
