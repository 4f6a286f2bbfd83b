import { UserError } from "../core/errors.js";
import { initializerByName } from "../initializers/by-name.js";
import { zero } from "../initializers/zero.js";
import { activation } from "../layers/activation.js";
import { batchNorm } from "../layers/batch-norm.js";
import { conv2d } from "../layers/conv2d.js";
import type { Layer } from "../layers/layer.js";
import { serial } from "../layers/serial.js";
import type { Architecture, Network, TrainingRecipe } from "./architecture.js";
import {
  defaultClassifier,
  endsStage,
  familyTrunk,
  pooledFeatures,
  stemConvolution,
  stemPool,
} from "./parts/ends.js";
import { quickTrunk } from "./parts/quick.js";
import type { BlockStyle } from "./parts/resnet-block.js";
import { resnetBlock } from "./parts/resnet-block.js";
import type { BatchNormPlace, ResnetOptions } from "./parts/resnet-options.js";
import {
  batchNormPlaceOf,
  checkZeroGamma,
  resnetOptions,
  resnetPresets,
} from "./parts/resnet-options.js";
import { resnetTheory } from "./parts/resnet-theory.js";
import type { Place, Trunk } from "./parts/trunk.js";

const where = "resnet";

type Parts = Readonly<Record<string, Layer>>;

function styleOf(options: ResnetOptions, trunk: Trunk, at: BatchNormPlace): BlockStyle {
  const biased = options.bias ?? at !== "every";
  return {
    order: options.activationOrder,
    skip: options.skip,
    shortcut: options.shortcut ?? (trunk.input === "imagenet" ? "projection" : "zero-padded"),
    normalised: at === "every",
    zeroGamma: options.zeroGamma,
    convolve: ({ outWidth, size, stride }) => {
      const initializer = initializerByName(options.init);
      const bias = biased ? { bias: zero() } : {};
      return conv2d({ filters: outWidth, size, stride, initializer, ...bias });
    },
    activate: () => activation(options.activation),
  };
}

function normWhere(stands: boolean): Parts {
  return stands ? { bn: batchNorm() } : {};
}

/** Whether the one batch norm layer follows this block. */
function normFollows(at: BatchNormPlace, place: Place, trunk: Trunk): boolean {
  if (at === "middle") return place.index + 1 === Math.floor(trunk.places.length / 2);
  return at === `after-stage-${place.stage}` && endsStage(trunk, place);
}

function checkStage(at: BatchNormPlace, trunk: Trunk): void {
  const stages = trunk.places.at(-1)!.stage;
  if (at !== "after-stage-4" || stages === 4) return;
  throw new UserError(
    `${where}: option "batchNormAt" is ${at}; allowed for input=${trunk.input}: up to after-stage-${stages}`,
  );
}

/**
 * Pre-activation blocks activate what the stem gives themselves, so nothing follows its
 * convolution.
 */
function stemOf(style: BlockStyle, trunk: Trunk, at: BatchNormPlace): Layer {
  const post = style.order === "post";
  return serial({
    conv: style.convolve(stemConvolution(trunk)),
    ...normWhere(at === "first" || (post && style.normalised)),
    ...(post ? { activation: style.activate() } : {}),
    ...stemPool(trunk),
  });
}

/** Pre-activation blocks leave a sum, which is normalised and activated before it is pooled. */
function featuresOf(style: BlockStyle, at: BatchNormPlace, rate: number): Layer {
  const pre = style.order === "pre";
  return pooledFeatures(rate, {
    ...normWhere(at === "last" || (pre && style.normalised)),
    ...(pre ? { activation: style.activate() } : {}),
  });
}

function build(options: ResnetOptions): Network {
  const at = batchNormPlaceOf(options, where);
  checkZeroGamma(options, at, where);
  const trunk = familyTrunk(options, where);
  checkStage(at, trunk);
  const style = styleOf(options, trunk, at);
  const theory = resnetTheory(options, style, trunk);
  return {
    inShape: trunk.inShape,
    classes: trunk.classes,
    stem: stemOf(style, trunk, at),
    blocks: trunk.places.map((place, k) => ({
      stage: place.stage,
      layer: resnetBlock(style, place, trunk, normWhere(normFollows(at, place, trunk))),
      ...(theory === undefined ? {} : { theory: theory[k]! }),
    })),
    features: featuresOf(style, at, options.dropout),
    classifier: defaultClassifier(trunk),
    notes: [
      ...trunk.notes,
      ...(style.skip ? [`shortcuts that change the shape: ${style.shortcut}`] : []),
    ],
  };
}

const source = "He et al. 2016, arXiv:1512.03385";

function recipe(options: ResnetOptions): TrainingRecipe {
  const imagenet = familyTrunk(options, where).input === "imagenet";
  return {
    source,
    optimizer: { name: "sgd", momentum: 0.9, nesterov: false },
    learningRate: 0.1,
    batch: imagenet ? 256 : 128,
    epochs: imagenet ? 90 : 164,
    weightDecay: 1e-4,
    schedule: {
      name: "step",
      milestones: imagenet ? [30, 60] : [82, 123],
      factor: 0.1,
      per: "epoch",
    },
    augmentation: imagenet ? ["random-resized-crop", "flip"] : ["pad-crop", "flip"],
    dropout: options.dropout,
  };
}

/** ResNets and their plain counterparts: the baselines of every paper here. */
const resnet: Architecture<ResnetOptions> = {
  title: "ResNet",
  source: `${source} and arXiv:1603.05027`,
  summary:
    "ResNet with batch norm everywhere, at one place or nowhere; vanilla without skip connections",
  options: resnetOptions,
  presets: resnetPresets,
  quick: quickTrunk,
  build,
  recipe,
};

export default resnet;
