import type { TrainingRecipe } from "../architecture.js";
import { risottoSource } from "./risotto-block.js";
import type { RisottoOptions } from "./risotto-plan.js";

/** Depth from which every scheme of the paper trains at one rate. */
const deep = 101;

/**
 * Learning rates of tables 3 to 5 for CIFAR-10, CIFAR-100 and Tiny ImageNet, which classes tell
 * apart.
 */
function learningRateOf({ depth, classes = 10, batchNorm }: RisottoOptions): number {
  if (depth >= deep) return 0.005;
  if (classes <= 10) return 0.1;
  return classes <= 100 && batchNorm ? 0.1 : 0.01;
}

/** Table 5: type C with batch norm drops by steps on Tiny ImageNet; all others follow a cosine. */
function scheduleOf({ type, classes = 10, batchNorm }: RisottoOptions): TrainingRecipe["schedule"] {
  if (type === "C" && batchNorm && classes > 100)
    return { name: "step", milestones: [30, 60, 90, 120], factor: 0.1, per: "epoch" };
  return { name: "cosine", per: "epoch" };
}

/** How the paper trains Risotto networks. */
export function risottoRecipe(options: RisottoOptions): TrainingRecipe {
  return {
    source: `${risottoSource}, appendix A.4, tables 3-5`,
    optimizer: { name: "sgd", momentum: 0.9, nesterov: false },
    learningRate: learningRateOf(options),
    batch: 256,
    epochs: 150,
    weightDecay: 5e-4,
    schedule: scheduleOf(options),
    notes: ["the paper does not say: augmentation, warm-up"],
  };
}
