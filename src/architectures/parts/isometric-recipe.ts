import type { ParameterGroup, TrainingRecipe } from "../architecture.js";
import { familyTrunk } from "./ends.js";
import type { IsometricOptions } from "./isometric-options.js";

/** Depth from which ISONet needs a stronger penalty. */
const deep = 101;

/** Coefficient of the penalty: 1e-4, and 3e-4 for an ISONet of depth 101, unless given. */
function orthogonalityOf(options: IsometricOptions, imagenet: boolean): number {
  const strong = imagenet && !options.skip && options.depth >= deep;
  return options.orthogonality ?? (strong ? 3e-4 : 1e-4);
}

function groupsOf(options: IsometricOptions): readonly ParameterGroup[] {
  const thresholds: ParameterGroup = { roles: ["threshold"], weightDecayFactor: 0 };
  const scalars: ParameterGroup = { roles: ["scale"], learningRateFactor: 0.1 };
  return [
    ...(options.activation === "srelu" ? [thresholds] : []),
    ...(options.skip && options.scalar !== "none" ? [scalars] : []),
  ];
}

const common = {
  optimizer: { name: "sgd", momentum: 0.9, nesterov: false },
  weightDecay: 1e-4,
} as const;

function imagenetRecipe(options: IsometricOptions): TrainingRecipe {
  const small = !options.skip && !options.batchNorm;
  return {
    ...common,
    source: "Qi et al. 2020, arXiv:2006.16992, section 3.1 and the authors' configurations",
    learningRate: small ? 0.02 : 0.1,
    batch: 256,
    epochs: 100,
    schedule: { name: "step", milestones: [30, 60, 90], factor: 0.1, per: "epoch" },
    warmupEpochs: 5,
    augmentation: ["random-resized-crop", "flip"],
    notes: [
      "Some rows of the paper's tables add dropout before the classifier: 0.1 without skip connections, 0.4 with.",
    ],
  };
}

function cifarRecipe(options: IsometricOptions): TrainingRecipe {
  return {
    ...common,
    source: "The authors' suggestion for CIFAR (HaozhiQi/ISONet on GitHub)",
    learningRate: 0.005,
    batch: 128,
    epochs: 300,
    schedule: { name: "step", milestones: [120, 240], factor: 0.1, per: "epoch" },
    warmupEpochs: 10,
    augmentation: ["pad-crop", "flip"],
    notes: [
      "Never tuned by the authors; no accuracy on CIFAR was published.",
      ...(options.skip ? ["Suggested for ISONet; nothing is known for R-ISONet."] : []),
    ],
  };
}

/**
 * How ISONet and R-ISONet are trained. Warm-up: epoch e (from 1) of the first W runs at e/W of the
 * rate. The rate drops after the epochs of the milestones. Thresholds are not decayed; scalars
 * learn at a tenth of the rate and are decayed.
 */
export function isometricRecipe(options: IsometricOptions, where: string): TrainingRecipe {
  const imagenet = familyTrunk(options, where).input === "imagenet";
  return {
    ...(imagenet ? imagenetRecipe(options) : cifarRecipe(options)),
    groups: groupsOf(options),
    orthogonality: orthogonalityOf(options, imagenet),
    dropout: options.dropout,
  };
}
