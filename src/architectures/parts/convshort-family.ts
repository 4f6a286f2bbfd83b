import { z } from "../../core/schema.js";
import type { Shape } from "../../core/shape.js";
import { brock } from "../../initializers/brock.js";
import { empiricallyStandardised } from "../../initializers/empirically-standardised.js";
import { heFanIn } from "../../initializers/he-fan-in.js";
import { heFanOut } from "../../initializers/he-fan-out.js";
import type { Initializer } from "../../initializers/initializer.js";
import { conv2d } from "../../layers/conv2d.js";
import { identity } from "../../layers/identity.js";
import type { Layer } from "../../layers/layer.js";
import { relu } from "../../layers/relu.js";
import { residual } from "../../layers/residual.js";
import { scalarScale } from "../../layers/scalar-scale.js";
import { serial } from "../../layers/serial.js";
import type { BlockTheory, Network, TrainingRecipe } from "../architecture.js";
import type { Convolution } from "./branch.js";
import { branchConvolutions, keepsShape, shortcutConvolution } from "./branch.js";
import { defaultClassifier, pooledFeatures, stemConvolution, stemPool } from "./ends.js";
import { filterStandardised } from "./filter-standardised.js";
import { quickTrunk } from "./quick.js";
import {
  type BlockMoments,
  type Centring,
  circularBlockGain,
  forwardProfile,
  momentsOf,
  type Profile,
  residualTheory,
  uniformProfile,
  type WeightRule,
} from "./theory.js";
import { inputOptions, type Place, resolveTrunk, type Trunk } from "./trunk.js";

/** Where the definitions of the family are. */
export const familySource = "Civitelli, Sortino, Lapucci, Bagattini, Galvan 2021, arXiv:2112.12299";

/**
 * Options of IdShort, LearnScalar and ConvShort.
 *
 * `shortcutInput` is what a convolutional shortcut reads. The paper defines h(x) = W_s x of the
 * block's input x, so `raw` is the default. It also claims that the variance is then kept, with
 * weights of He's rule, whose factor 2 makes up for a ReLU that this shortcut does not have: the
 * block in fact gains c^2 (2 + 1) = 1.5, and 1 only with `activated`, where the shortcut reads
 * relu(x).
 *
 * `standardise` shifts and scales weights after sampling to their exact mean and variance: each
 * tensor, and each filter for `brock`. The paper does so in all its comparisons; the default is
 * that of the rules which are defined with it, `ours` and `brock`, and plain He otherwise.
 */
export const familyOptions = {
  depth: z.int().default(18),
  block: z.enum(["basic", "bottleneck"]).optional(),
  stem: z.enum(["3x3", "7x7"]).default("3x3"),
  /** Weights: `ours` is He fan-out, standardised. */
  init: z.enum(["ours", "fan-in", "fan-out", "brock"]).default("ours"),
  standardise: z.boolean().optional(),
  shortcutInput: z.enum(["raw", "activated"]).default("raw"),
  /** Factor of the sum of shortcut and branch. */
  c: z.number().positive().max(2).default(Math.SQRT1_2),
  ...inputOptions,
} as const;

const familySchema = z.strictObject(familyOptions);

/** Values of the family's options. */
export type FamilyOptions = z.infer<typeof familySchema>;

/** The shortcut where shapes allow it; a 1x1 convolution elsewhere. */
export type Shortcut =
  | { readonly kind: "identity" }
  | { readonly kind: "scalar"; readonly initial: number }
  | { readonly kind: "convolution" };

/** Depths of the paper and ResNet-34. */
export const familyPresets = {
  rn18: { depth: 18 },
  rn34: { depth: 34 },
  rn50: { depth: 50 },
  rn101: { depth: 101 },
} as const;

/** Three narrow blocks on 8x8 images. */
export const familyQuick = quickTrunk;

/** An initializer and what theory knows of it. */
interface Rule extends WeightRule {
  readonly initializer: Initializer;
}

function baseOf(init: FamilyOptions["init"]): Initializer {
  if (init === "brock") return brock();
  return init === "fan-in" ? heFanIn() : heFanOut();
}

/** The weights that options ask for. */
function ruleOf({ init, standardise }: FamilyOptions): Rule {
  const base = baseOf(init);
  const variance = (shape: Shape) => base.variance!(shape);
  const standardised = standardise ?? (init === "ours" || init === "brock");
  if (!standardised) return { initializer: base, variance, centring: "none" };
  const centring: Centring = init === "brock" ? "filter" : "layer";
  const initializer =
    centring === "filter" ? filterStandardised(base) : empiricallyStandardised(base);
  return { initializer, variance, centring };
}

function convolutionLayer({ size, stride, outWidth }: Convolution, rule: Rule): Layer {
  return conv2d({ filters: outWidth, size, stride, initializer: rule.initializer });
}

function branchLayer(convolutions: readonly Convolution[], rule: Rule): Layer {
  const parts: Record<string, Layer> = {};
  convolutions.forEach((convolution, k) => {
    if (k > 0) parts[`relu${k}`] = relu();
    parts[`conv${k + 1}`] = convolutionLayer(convolution, rule);
  });
  return serial(parts);
}

/** The shortcut that a place gets: shapes that change need a convolution. */
function shortcutAt(place: Place, wanted: Shortcut): Shortcut {
  return keepsShape(place) ? wanted : { kind: "convolution" };
}

function shortcutLayer(place: Place, shortcut: Shortcut, rule: Rule): Layer {
  if (shortcut.kind === "identity") return identity();
  if (shortcut.kind === "scalar") return scalarScale({ initial: shortcut.initial });
  return convolutionLayer(shortcutConvolution(place), rule);
}

/** One pre-activation block x -> c (h(x) + f(x)). */
export function familyBlock(
  place: Place,
  block: Trunk["block"],
  wanted: Shortcut,
  options: FamilyOptions,
): Layer {
  const rule = ruleOf(options);
  const shortcut = shortcutAt(place, wanted);
  return residual({
    pre: relu(),
    branch: branchLayer(branchConvolutions(place, block), rule),
    shortcut: shortcutLayer(place, shortcut, rule),
    shortcutInput: shortcut.kind === "convolution" ? options.shortcutInput : "raw",
    scale: options.c,
  });
}

/** Moments of a block, with the shortcut's convolution behind a ReLU or not. */
function momentsAt(
  place: Place,
  block: Trunk["block"],
  wanted: Shortcut,
  options: FamilyOptions,
  rectified: boolean,
): BlockMoments {
  const rule = ruleOf(options);
  const shortcut = shortcutAt(place, wanted);
  const branch = branchConvolutions(place, block);
  return {
    branch: branch.map((convolution) => momentsOf(convolution, rule, true)),
    shortcut:
      shortcut.kind === "convolution"
        ? [momentsOf(shortcutConvolution(place), rule, rectified)]
        : [],
    shortcutFactor: shortcut.kind === "scalar" ? shortcut.initial : 1,
    scale: options.c,
  };
}

/**
 * Moments of a block for theory. What the paper prints is the circular gain with a shortcut that
 * gains what a ReLU and a convolution do, whatever it reads.
 */
export function familyMoments(
  place: Place,
  block: Trunk["block"],
  shortcut: Shortcut,
  options: FamilyOptions,
): BlockMoments {
  const rectified = options.shortcutInput === "activated";
  return {
    ...momentsAt(place, block, shortcut, options, rectified),
    asInPaper: circularBlockGain(momentsAt(place, block, shortcut, options, true)),
  };
}

function stemLayer(trunk: Trunk, rule: Rule): Layer {
  return serial({ conv: convolutionLayer(stemConvolution(trunk), rule), ...stemPool(trunk) });
}

/**
 * The profile that reaches the first block from an image alike at every pixel; a max pool's is
 * taken as uniform.
 */
function stemProfile(trunk: Trunk, rule: Rule): Profile {
  if (trunk.stem === "7x7") return uniformProfile(trunk.places[0]!.size);
  const image = uniformProfile(trunk.inShape[0]!);
  return forwardProfile(image, momentsOf(stemConvolution(trunk), rule, false));
}

function notesOf(trunk: Trunk, wanted: Shortcut, options: FamilyOptions): readonly string[] {
  const convolutional = trunk.places.some((p) => shortcutAt(p, wanted).kind === "convolution");
  if (!convolutional || options.shortcutInput === "activated") return trunk.notes;
  return [
    ...trunk.notes,
    "convolutional shortcuts read x, as the paper's formula says: their gain is 2 with He's rule and not the 1 that the paper claims; shortcutInput=activated gives 1",
  ];
}

/**
 * Theory of every block, computed when first asked for: on large images it takes longer than all
 * the rest.
 */
function theoryWhenAsked(
  trunk: Trunk,
  shortcut: Shortcut,
  options: FamilyOptions,
): () => readonly BlockTheory[] {
  let theory: readonly BlockTheory[] | undefined;
  return () => {
    theory ??= residualTheory(
      trunk.places.map((place) => familyMoments(place, trunk.block, shortcut, options)),
      stemProfile(trunk, ruleOf(options)),
      `${familySource}, eq. 5-6`,
    );
    return theory;
  };
}

/**
 * Builds a network of the family. `where` names the architecture in errors. Throws `UserError` on a
 * depth without a trunk.
 */
export function buildFamily(options: FamilyOptions, shortcut: Shortcut, where: string): Network {
  const trunk = resolveTrunk(options, where, options.stem);
  const theory = theoryWhenAsked(trunk, shortcut, options);
  return {
    inShape: trunk.inShape,
    classes: trunk.classes,
    stem: stemLayer(trunk, ruleOf(options)),
    blocks: trunk.places.map((place, k) => ({
      stage: place.stage,
      layer: familyBlock(place, trunk.block, shortcut, options),
      get theory() {
        return theory()[k]!;
      },
    })),
    features: pooledFeatures(0, { relu: relu() }),
    classifier: defaultClassifier(trunk),
    notes: notesOf(trunk, shortcut, options),
  };
}

/** How the paper trains the family; what it does not say is in the notes. */
export function familyRecipe({ classes }: FamilyOptions): TrainingRecipe {
  return {
    source: `${familySource}, section 4`,
    optimizer: { name: "sgd", momentum: 0.9, nesterov: false },
    learningRate: 0.01,
    batch: classes === 1000 ? 100 : 128,
    schedule: { name: "cosine", per: "epoch" },
    augmentation: ["pad-crop", "flip", "rand-augment"],
    notes: [
      "the paper does not say: epochs, weight decay, the strength of RandAugment, the value of label smoothing (ImageNet only)",
    ],
  };
}
