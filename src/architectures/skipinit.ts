import { z } from "../core/schema.js";
import { initializerByName, initializerNames } from "../initializers/by-name.js";
import { zero } from "../initializers/zero.js";
import type { ActivationName } from "../layers/activation.js";
import { activation, activationNames } from "../layers/activation.js";
import { conv2d } from "../layers/conv2d.js";
import { dense } from "../layers/dense.js";
import type { Layer } from "../layers/layer.js";
import { residual } from "../layers/residual.js";
import { scalarScale } from "../layers/scalar-scale.js";
import { serial } from "../layers/serial.js";
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
import { normaliserFreeRecipe } from "./parts/normaliser-free-recipe.js";
import { quickTrunk } from "./parts/quick.js";
import type { Place, Trunk } from "./parts/trunk.js";

const where = "skipinit";
const source = "De & Smith 2020, arXiv:2002.10444";

const options = z.strictObject({
  ...trunkOptions,
  /** 18, 34, 50, 101 or 152 (imagenet); 6n+2 (cifar, basic) or 9n+2 (cifar, bottleneck). */
  depth: z.int().min(8).max(1202).default(50),
  activation: z.enum(activationNames).default("relu"),
  /** Factor of the branch at the start, one number a block. */
  scalar: z.number().default(0),
  /** Of every convolution; the released code's is the truncated normal of its library, not He's. */
  init: z.enum(initializerNames).default("truncated-normal"),
  /** Rate of dropout before the classifier. */
  dropout: z.number().min(0).lt(1).default(0),
});

type SkipinitOptions = z.infer<typeof options>;

function convolve(given: SkipinitOptions, { outWidth, size, stride }: Convolution): Layer {
  const initializer = initializerByName(given.init);
  return conv2d({ filters: outWidth, size, stride, initializer, bias: zero() });
}

function branchOf(given: SkipinitOptions, place: Place, trunk: Trunk): Layer {
  const parts: Record<string, Layer> = {};
  branchConvolutions(place, trunk.block).forEach((convolution, i) => {
    if (i > 0) parts[`activation${i + 1}`] = activation(given.activation);
    parts[`conv${i + 1}`] = convolve(given, convolution);
  });
  return serial({ ...parts, scalar: scalarScale({ initial: given.scalar }) });
}

/**
 * With a scalar of 0 a block that has an identity beside its branch is that identity, both ways.
 */
const identityTheory: BlockTheory = {
  forward: { statistic: "meanSquare", gain: 1 },
  backward: { statistic: "meanSquare", gain: 1 },
  source: `${source}, section 3: the scalar at the end of a branch starts at 0`,
};

function blockOf(given: SkipinitOptions, place: Place, trunk: Trunk): Block {
  const keeps = keepsShape(place);
  const layer = residual({
    pre: activation(given.activation),
    branch: branchOf(given, place, trunk),
    ...(keeps
      ? {}
      : {
          shortcut: serial({ conv: convolve(given, shortcutConvolution(place)) }),
          shortcutInput: "activated" as const,
        }),
    names: { pre: "activation1" },
  });
  const exact = keeps && given.scalar === 0;
  return { stage: place.stage, layer, ...(exact ? { theory: identityTheory } : {}) };
}

/** The only convolution without a bias, as in the authors' code. */
function stemOf(given: SkipinitOptions, trunk: Trunk): Layer {
  const { outWidth, size, stride } = stemConvolution(trunk);
  const initializer = initializerByName(given.init);
  return serial({
    conv: conv2d({ filters: outWidth, size, stride, initializer }),
    ...stemPool(trunk),
  });
}

function headActivation(name: ActivationName): Readonly<Record<string, Layer>> {
  return { activation: activation(name) };
}

function build(given: SkipinitOptions): Network {
  const trunk = familyTrunk(given, where);
  return {
    inShape: trunk.inShape,
    classes: trunk.classes,
    stem: stemOf(given, trunk),
    blocks: trunk.places.map((place) => blockOf(given, place, trunk)),
    features: pooledFeatures(given.dropout, headActivation(given.activation)),
    classifier: dense({ units: trunk.classes, initializer: zero(), bias: zero() }),
    notes: [
      ...trunk.notes,
      "the classifier starts at 0, as in the released code, so the logits do too",
    ],
  };
}

function recipe(given: SkipinitOptions): TrainingRecipe {
  return normaliserFreeRecipe(source, given.dropout);
}

/** SkipInit: pre-activation residual networks whose branches start multiplied by 0. */
const skipinit: Architecture<SkipinitOptions> = {
  title: "SkipInit",
  source,
  summary: "Pre-activation ResNet without normalisation: a scalar a branch that starts at 0",
  options,
  presets: {
    "imagenet-50": { depth: 50 },
    "imagenet-101": { depth: 101 },
    "imagenet-152": { depth: 152 },
    "imagenet-50-he": { depth: 50, init: "he-fan-in" },
    "cifar-20": { depth: 20 },
    "cifar-110": { depth: 110 },
  },
  quick: quickTrunk,
  build,
  recipe,
};

export default skipinit;
