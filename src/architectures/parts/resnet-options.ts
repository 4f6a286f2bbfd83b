import { UserError } from "../../core/errors.js";
import { z } from "../../core/schema.js";
import { initializerNames } from "../../initializers/by-name.js";
import { activationNames } from "../../layers/activation.js";
import { trunkOptions } from "./ends.js";

/**
 * Where batch norm stands: with `every` convolution, nowhere, or one layer alone. `first` follows
 * the stem's convolution, `middle` the first half of the blocks, `after-stage-K` the last block of
 * stage K, `last` the last block.
 * Source: Gadhikar & Burkholz 2022, arXiv:2210.02411, figures 2, 3 and 5.
 */
export const batchNormPlaces = [
  "every",
  "none",
  "first",
  "middle",
  "after-stage-1",
  "after-stage-2",
  "after-stage-3",
  "after-stage-4",
  "last",
] as const;

/** One of `batchNormPlaces`. */
export type BatchNormPlace = (typeof batchNormPlaces)[number];

/**
 * Shortcuts that change the shape, or all of them: the options A (`zero-padded`), B (`projection`)
 * and C (`projection-everywhere`). Source: He et al. 2016, arXiv:1512.03385, section 4.1.
 */
export const shortcutKinds = ["projection", "projection-everywhere", "zero-padded"] as const;

/** Options of the ResNet baselines. */
export const resnetOptions = z.strictObject({
  ...trunkOptions,
  /** 18, 34, 50, 101 or 152 (imagenet); 6n+2 (cifar, basic) or 9n+2 (cifar, bottleneck). */
  depth: z.int().min(8).max(1202).default(18),
  activation: z.enum(activationNames).default("relu"),
  /** `post`: after convolution and sum (v1). `pre`: before the convolution (v2). */
  activationOrder: z.enum(["post", "pre"]).default("post"),
  batchNorm: z.boolean().default(true),
  /** `every`, or `none` with batchNorm=false, unless given. */
  batchNormAt: z.enum(batchNormPlaces).optional(),
  /** Starts the last batch norm of every branch at 0. */
  zeroGamma: z.boolean().default(false),
  /** False leaves a plain ("vanilla") network. */
  skip: z.boolean().default(true),
  /** `projection` on the imagenet trunk, `zero-padded` on cifar, unless given. */
  shortcut: z.enum(shortcutKinds).optional(),
  /** Biases of convolutions; unless given, where batch norm does not stand at every one. */
  bias: z.boolean().optional(),
  /**
   * Of every convolution. He et al. derive `he-fan-in`; PyTorch's ResNets start with `he-fan-out`.
   */
  init: z.enum(initializerNames).default("he-fan-in"),
  /** Rate of dropout before the classifier. */
  dropout: z.number().min(0).lt(1).default(0),
});

/** Resolved options of the ResNet baselines. */
export type ResnetOptions = z.infer<typeof resnetOptions>;

/** Presets: standard depths, and the baselines of the papers on networks without normalisation. */
export const resnetPresets: Readonly<Record<string, Partial<ResnetOptions>>> = {
  "imagenet-18": { depth: 18, init: "he-fan-out" },
  "imagenet-34": { depth: 34, init: "he-fan-out" },
  "imagenet-50": { depth: 50, init: "he-fan-out" },
  "imagenet-101": { depth: 101, init: "he-fan-out" },
  "imagenet-152": { depth: 152, init: "he-fan-out" },
  "cifar-20": { depth: 20 },
  "cifar-56": { depth: 56 },
  "cifar-110": { depth: 110 },
  "pre-activation-50": { depth: 50, activationOrder: "pre" },
  "type-b-18": { depth: 18, size: 32, shortcut: "projection" },
  "type-c-18": { depth: 18, size: 32, shortcut: "projection-everywhere" },
  "type-c-50": { depth: 50, size: 32, shortcut: "projection-everywhere" },
  "one-batch-norm-18": {
    depth: 18,
    size: 32,
    shortcut: "projection-everywhere",
    batchNormAt: "last",
  },
  "vanilla-34": { depth: 34, skip: false, batchNorm: false },
  "vanilla-batch-norm-34": { depth: 34, skip: false },
};

/**
 * Where batch norm stands. Throws `UserError` when `batchNormAt` asks for some and batchNorm=false
 * for none.
 */
export function batchNormPlaceOf(options: ResnetOptions, where: string): BatchNormPlace {
  const { batchNorm, batchNormAt } = options;
  if (batchNormAt === undefined) return batchNorm ? "every" : "none";
  if (batchNorm || batchNormAt === "none") return batchNormAt;
  throw new UserError(
    `${where}: option "batchNormAt" is ${batchNormAt} with batchNorm=false; allowed: none`,
  );
}

/**
 * Throws `UserError` when zeroGamma would be without effect, or would stop every signal for good.
 */
export function checkZeroGamma(options: ResnetOptions, at: BatchNormPlace, where: string): void {
  const fits = at === "every" && options.skip && options.activationOrder === "post";
  if (!options.zeroGamma || fits) return;
  throw new UserError(
    `${where}: option "zeroGamma" is true; allowed: with batchNormAt=every, skip=true and activationOrder=post only`,
  );
}
