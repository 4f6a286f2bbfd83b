import type { TrainingRecipe } from "../architecture.js";

/**
 * How the authors' released code trains SkipInit and NF-ResNets on ImageNet: rate 0.1 for every 256
 * images of the batch, 5 epochs of warm-up, cosine decay a step, biases, gains and scalars
 * undecayed.
 */
export function normaliserFreeRecipe(source: string, dropout: number): TrainingRecipe {
  return {
    source: `${source} and the authors' code (google-deepmind/deepmind-research, nfnets)`,
    optimizer: { name: "sgd", momentum: 0.9, nesterov: true },
    learningRate: 0.4,
    batch: 1024,
    epochs: 90,
    weightDecay: 1e-4,
    schedule: { name: "cosine", per: "step" },
    warmupEpochs: 5,
    groups: [{ roles: ["bias", "gain", "scale"], weightDecayFactor: 0 }],
    augmentation: ["random-resized-crop", "flip"],
    dropout,
    labelSmoothing: 0.1,
    notes: ["The authors' code also drops whole branches (stochastic depth 0.1); we do not."],
  };
}
