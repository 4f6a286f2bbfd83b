import { risottoStem } from "../initializers/risotto.js";
import { relu } from "../layers/relu.js";
import { serial } from "../layers/serial.js";
import type { Architecture, Network } from "./architecture.js";
import { defaultClassifier, pooledFeatures, stemConvolution } from "./parts/ends.js";
import { risottoBlock, risottoConvolution, risottoSource } from "./parts/risotto-block.js";
import { type RisottoOptions, risottoPlan, risottoSchema } from "./parts/risotto-plan.js";
import { risottoRecipe } from "./parts/risotto-recipe.js";

function build(options: RisottoOptions): Network {
  const plan = risottoPlan(options);
  const { trunk, notes } = plan;
  const blocks = plan.blocks.map((block) => risottoBlock(block, plan, options));
  return {
    inShape: trunk.inShape,
    classes: trunk.classes,
    stem: serial({
      ...risottoConvolution(stemConvolution(trunk), risottoStem(), options),
      relu: relu(),
    }),
    blocks,
    features: pooledFeatures(0),
    classifier: defaultClassifier(trunk),
    notes,
  };
}

/**
 * Post-activation residual networks x -> relu(alpha f(x) + h(x)) whose blocks start as orthogonal
 * maps of the signal that the mirrored halves of their channels carry. Biases start at zero.
 * Source: Gadhikar & Burkholz 2022, arXiv:2210.02411 (Risotto), definitions 2.7-2.9, with type B's
 * matrix corrected.
 */
const risotto: Architecture<RisottoOptions> = {
  title: "Risotto",
  source: `${risottoSource}, definitions 2.7-2.9`,
  summary: "ReLU ResNet that starts as an exact isometry, branch and shortcut in balance",
  options: risottoSchema,
  presets: {
    "rn18-c": { depth: 18, type: "C" },
    "rn18-b": { depth: 18, type: "B" },
    "rn50-c": { depth: 50, type: "C" },
    "rn50-b": { depth: 50, type: "B" },
    "rn101-c": { depth: 101, type: "C" },
    "five-block": { net: "five-block", type: "C" },
  },
  quick: { depth: 8, input: "cifar", size: 8 },
  build,
  recipe: risottoRecipe,
};

export default risotto;
