import { z } from "../core/schema.js";
import { lecun } from "../initializers/lecun.js";
import { scaled } from "../initializers/scaled.js";
import { zero } from "../initializers/zero.js";
import type { ActivationName } from "../layers/activation.js";
import { activation, activationNames } from "../layers/activation.js";
import { constantScale } from "../layers/constant-scale.js";
import { dense } from "../layers/dense.js";
import type { Layer } from "../layers/layer.js";
import { residual } from "../layers/residual.js";
import { scalarScale } from "../layers/scalar-scale.js";
import { scaledStandardConv2d } from "../layers/scaled-standard-conv2d.js";
import { serial } from "../layers/serial.js";
import type { Architecture, Block, BlockTheory, Network } from "./architecture.js";
import { activationGamma } from "./parts/activation-gamma.js";
import type { Convolution } from "./parts/branch.js";
import { branchConvolutions, keepsShape, shortcutConvolution } from "./parts/branch.js";
import {
  familyTrunk,
  lastWidth,
  pooledFeatures,
  stemConvolution,
  stemPool,
  trunkOptions,
} from "./parts/ends.js";
import { normaliserFreeRecipe } from "./parts/normaliser-free-recipe.js";
import { quickTrunk } from "./parts/quick.js";
import type { Step } from "./parts/staircase.js";
import { staircase } from "./parts/staircase.js";
import type { Place, Trunk } from "./parts/trunk.js";

const where = "nf-resnet";
const source = "Brock et al. 2021, arXiv:2101.08692";

const options = z.strictObject({
  ...trunkOptions,
  /** 18, 34, 50, 101 or 152 (imagenet); 6n+2 (cifar, basic) or 9n+2 (cifar, bottleneck). */
  depth: z.int().min(8).max(1202).default(50),
  activation: z.enum(activationNames).default("relu"),
  /** Factor of every branch. */
  alpha: z.number().positive().max(2).default(0.2),
  /**
   * A learnt factor of the branch at the start. 1 gives the variances the paper predicts and plots;
   * the released code starts training from 0, which keeps the variance flat instead.
   */
  skipGain: z.number().default(1),
  /** Rate of dropout before the classifier. */
  dropout: z.number().min(0).lt(1).default(0),
});

type NfResnetOptions = z.infer<typeof options>;

/**
 * Standardised weights forget their scale; every convolution has a gain and a bias, the stem too.
 */
function convolve({ outWidth, size, stride }: Convolution): Layer {
  return scaledStandardConv2d({
    filters: outWidth,
    size,
    stride,
    initializer: lecun(),
    bias: zero(),
  });
}

/** gamma f(x), of variance 1 where x is standard normal. */
function activate(name: ActivationName): Layer {
  return serial({
    activation: activation(name),
    gamma: constantScale({ factor: activationGamma(name) }),
  });
}

function branchOf(given: NfResnetOptions, place: Place, trunk: Trunk): Layer {
  const parts: Record<string, Layer> = {};
  branchConvolutions(place, trunk.block).forEach((convolution, i) => {
    if (i > 0) parts[`activation${i + 1}`] = activate(given.activation);
    parts[`conv${i + 1}`] = convolve(convolution);
  });
  return serial({
    ...parts,
    skipGain: scalarScale({ initial: given.skipGain }),
    alpha: constantScale({ factor: given.alpha }),
  });
}

/**
 * Activation, then division by beta: the authors' order, the same as the paper's for ReLU alone.
 */
function preOf(given: NfResnetOptions, beta: number): Layer {
  return serial({
    activation1: activate(given.activation),
    beta: constantScale({ factor: 1 / beta }),
  });
}

/**
 * The staircase holds for what is homogeneous, or where every block finds the variance it divides
 * by.
 */
function theoryOf(given: NfResnetOptions, { variance }: Step): BlockTheory | undefined {
  if (given.activation !== "relu" && given.skipGain !== 1) return undefined;
  return {
    forward: { statistic: "averageChannelVariance", value: variance },
    source: `${source}, section 3 and algorithm 1; circular padding, stem of variance 1`,
  };
}

function blockOf(given: NfResnetOptions, place: Place, trunk: Trunk, step: Step): Block {
  const layer = residual({
    pre: preOf(given, step.beta),
    branch: branchOf(given, place, trunk),
    ...(keepsShape(place)
      ? {}
      : {
          shortcut: serial({ conv: convolve(shortcutConvolution(place)) }),
          shortcutInput: "activated" as const,
        }),
  });
  const theory = theoryOf(given, step);
  return { stage: place.stage, layer, ...(theory === undefined ? {} : { theory }) };
}

/** Standard deviation of the classifier's weights. */
const classifierDeviation = 0.01;

function classifierOf(trunk: Trunk): Layer {
  const initializer = scaled(lecun(), classifierDeviation * Math.sqrt(lastWidth(trunk)));
  return dense({ units: trunk.classes, initializer, bias: zero() });
}

function notesOf(given: NfResnetOptions, trunk: Trunk): readonly string[] {
  return [
    ...trunk.notes,
    `skipGain ${given.skipGain}: the paper's variances need 1; the released code trains from 0`,
    "predicted variances take a stem output of variance 1: true for white noise, not for images",
  ];
}

function build(given: NfResnetOptions): Network {
  const trunk = familyTrunk(given, where);
  const steps = staircase(trunk, given);
  return {
    inShape: trunk.inShape,
    classes: trunk.classes,
    stem: serial({ conv: convolve(stemConvolution(trunk)), ...stemPool(trunk) }),
    blocks: trunk.places.map((place) => blockOf(given, place, trunk, steps[place.index]!)),
    features: pooledFeatures(given.dropout, { activation: activate(given.activation) }),
    classifier: classifierOf(trunk),
    notes: notesOf(given, trunk),
  };
}

/**
 * NF-ResNet: residual networks whose variances are planned block by block instead of normalised.
 */
const nfResnet: Architecture<NfResnetOptions> = {
  title: "NF-ResNet",
  source,
  summary:
    "Pre-activation ResNet of weight-standardised convolutions that divides by expected deviations",
  options,
  presets: {
    "imagenet-50": { depth: 50 },
    "imagenet-101": { depth: 101 },
    "imagenet-152": { depth: 152 },
    "imagenet-50-zero-gain": { depth: 50, skipGain: 0 },
    "cifar-20": { depth: 20 },
    "cifar-110": { depth: 110 },
  },
  quick: quickTrunk,
  build,
  recipe: (given) => normaliserFreeRecipe(source, given.dropout),
};

export default nfResnet;
