import { z } from "../core/schema.js";
import { heFanOut } from "../initializers/he-fan-out.js";
import type { Initializer } from "../initializers/initializer.js";
import { pytorchConv } from "../initializers/pytorch-conv.js";
import { scaled } from "../initializers/scaled.js";
import { zero } from "../initializers/zero.js";
import { conv2d } from "../layers/conv2d.js";
import { dense } from "../layers/dense.js";
import type { Layer } from "../layers/layer.js";
import { relu } from "../layers/relu.js";
import { residual } from "../layers/residual.js";
import { scalarBias } from "../layers/scalar-bias.js";
import { scalarScale } from "../layers/scalar-scale.js";
import { serial } from "../layers/serial.js";
import { subsample } from "../layers/subsample.js";
import type { Architecture, Block, BlockTheory, Network, TrainingRecipe } from "./architecture.js";
import type { Convolution } from "./parts/branch.js";
import { branchConvolutions, keepsShape, shortcutConvolution } from "./parts/branch.js";
import {
  familyTrunk,
  pooledFeatures,
  stemConvolution,
  stemPool,
  trunkOptions,
} from "./parts/ends.js";
import { quickTrunk } from "./parts/quick.js";
import type { Place, Trunk } from "./parts/trunk.js";

const where = "fixup";
const source = "Zhang et al. 2019, arXiv:1901.09321";

const options = z.strictObject({
  ...trunkOptions,
  /** 18, 34, 50, 101 or 152 (imagenet); 6n+2 (cifar, basic) or 9n+2 (cifar, bottleneck). */
  depth: z.int().min(8).max(1202).default(20),
  /** Coefficient of Mixup in training; 1 on cifar and 0.7 on imagenet unless given. */
  mixup: z.number().min(0).optional(),
});

type FixupOptions = z.infer<typeof options>;

function convolve({ outWidth, size, stride }: Convolution, initializer: Initializer): Layer {
  return conv2d({ filters: outWidth, size, stride, initializer });
}

/** Factor L^(-1/(2m-2)) of a branch of m convolutions in a network of L blocks. */
function branchFactor(blocks: number, convolutions: number): number {
  return blocks ** (-1 / (2 * convolutions - 2));
}

/**
 * The branch behind the shared `bias1a`: a bias before and after every convolution, a scale after
 * the last.
 */
function branchOf(place: Place, trunk: Trunk): Layer {
  const convolutions = branchConvolutions(place, trunk.block);
  const small = scaled(heFanOut(), branchFactor(trunk.places.length, convolutions.length));
  const parts: Record<string, Layer> = {};
  convolutions.forEach((convolution, i) => {
    const last = i === convolutions.length - 1;
    if (i > 0) parts[`bias${i + 1}a`] = scalarBias();
    parts[`conv${i + 1}`] = convolve(convolution, last ? zero() : small);
    if (last) parts["scale"] = scalarScale({ initial: 1 });
    parts[`bias${i + 1}b`] = scalarBias();
    if (!last) parts[`activation${i + 1}`] = relu();
  });
  return serial(parts);
}

function shortcutOf(place: Place, trunk: Trunk): Layer {
  if (trunk.input === "cifar") return subsample({ stride: place.stride, channels: place.outWidth });
  return serial({ conv: convolve(shortcutConvolution(place), heFanOut()) });
}

/** The branch starts at 0 and the input is not negative, so relu(x + 0) = x. */
const unchanged: BlockTheory = {
  forward: { statistic: "meanSquare", gain: 1 },
  source: `${source}, section 3: the last convolution of a branch starts at 0`,
};

function blockOf(place: Place, trunk: Trunk): Block {
  const keeps = keepsShape(place);
  const layer = residual({
    pre: scalarBias(),
    branch: branchOf(place, trunk),
    ...(keeps ? {} : { shortcut: shortcutOf(place, trunk), shortcutInput: "activated" as const }),
    after: relu(),
    names: { pre: "bias1a", after: "activation" },
  });
  return { stage: place.stage, layer, ...(keeps ? { theory: unchanged } : {}) };
}

function build(given: FixupOptions): Network {
  const trunk = familyTrunk(given, where);
  return {
    inShape: trunk.inShape,
    classes: trunk.classes,
    stem: serial({
      conv: convolve(stemConvolution(trunk), pytorchConv()),
      bias1: scalarBias(),
      activation: relu(),
      ...stemPool(trunk),
    }),
    blocks: trunk.places.map((place) => blockOf(place, trunk)),
    features: serial({ mean: pooledFeatures(0), bias2: scalarBias() }),
    classifier: dense({ units: trunk.classes, initializer: zero(), bias: zero() }),
    notes: [
      ...trunk.notes,
      "at the start every branch and the logits are 0: only the classifier has a gradient at step 1, most weights from step 3 on",
      "the stem keeps PyTorch's default as in the authors' code; the paper says standard He",
    ],
  };
}

function recipe(given: FixupOptions): TrainingRecipe {
  const imagenet = familyTrunk(given, where).input === "imagenet";
  return {
    source: `${source} and the authors' code (hongyi-zhang/Fixup)`,
    optimizer: { name: "sgd", momentum: 0.9, nesterov: false },
    learningRate: 0.1,
    batch: imagenet ? 256 : 128,
    epochs: imagenet ? 90 : 200,
    weightDecay: 1e-4,
    schedule: {
      name: "step",
      milestones: imagenet ? [30, 60] : [100, 150],
      factor: 0.1,
      per: "epoch",
    },
    groups: [{ roles: ["bias", "scale"], learningRateFactor: 0.1 }],
    augmentation: imagenet ? ["random-resized-crop", "flip"] : ["pad-crop", "flip"],
    mixup: given.mixup ?? (imagenet ? 0.7 : 1),
    notes: [
      "Biases and scales are decayed too, and their rate is not scaled with the batch.",
      "The authors' CIFAR example runs with weight decay 5e-4 instead of the default 1e-4.",
    ],
  };
}

/** Fixup: residual networks that train without normalisation by their initialisation alone. */
const fixup: Architecture<FixupOptions> = {
  title: "Fixup",
  source,
  summary: "ResNet without normalisation whose branches start at 0, with scalar biases and scales",
  options,
  presets: {
    "cifar-20": { depth: 20 },
    "cifar-32": { depth: 32 },
    "cifar-44": { depth: 44 },
    "cifar-56": { depth: 56 },
    "cifar-110": { depth: 110 },
    "imagenet-18": { depth: 18 },
    "imagenet-34": { depth: 34 },
    "imagenet-50": { depth: 50 },
    "imagenet-101": { depth: 101 },
  },
  quick: quickTrunk,
  build,
  recipe,
};

export default fixup;
