import type { Initializer } from "../../initializers/initializer.js";
import {
  type RisottoInitializers,
  risottoTypeB,
  risottoTypeC,
} from "../../initializers/risotto.js";
import { zero } from "../../initializers/zero.js";
import { batchNorm } from "../../layers/batch-norm.js";
import { conv2d } from "../../layers/conv2d.js";
import { identity } from "../../layers/identity.js";
import type { Layer } from "../../layers/layer.js";
import { relu } from "../../layers/relu.js";
import { residual } from "../../layers/residual.js";
import { scalarScale } from "../../layers/scalar-scale.js";
import { serial } from "../../layers/serial.js";
import type { Block, BlockTheory } from "../architecture.js";
import { type Convolution, shortcutConvolution } from "./branch.js";
import { narrowTypeB } from "./risotto-narrow.js";
import {
  isNarrow,
  keepsAll,
  type RisottoOptions,
  type RisottoPlace,
  type RisottoPlan,
  typeBKeepsNorm,
  widthsOf,
} from "./risotto-plan.js";

/** Where the definitions of the family are. */
export const risottoSource = "Gadhikar & Burkholz 2022, arXiv:2210.02411 (Risotto)";

/** One random stream for all weights of a block, as the shortcut's depend on the branch's. */
function sharingStream(layer: Layer): Layer {
  return {
    ...layer,
    parameters: (inShape) =>
      layer
        .parameters(inShape)
        .map((spec) => (spec.role === "weight" ? { ...spec, stream: "risotto" } : spec)),
  };
}

/** A convolution with a bias at zero, or with batch norm, whose bias it is then. */
export function risottoConvolution(
  { size, stride, outWidth }: Convolution,
  initializer: Initializer,
  options: RisottoOptions,
  name = "",
): Readonly<Record<string, Layer>> {
  const bias = options.batchNorm ? {} : { bias: zero() };
  return {
    [`conv${name}`]: conv2d({ filters: outWidth, size, stride, initializer, ...bias }),
    ...(options.batchNorm ? { [`bn${name}`]: batchNorm() } : {}),
  };
}

function initializersOf(block: RisottoPlace, options: RisottoOptions): RisottoInitializers {
  const { alpha, definition } = options;
  const shape = { widths: widthsOf(block), alpha };
  if (block.type === "C") return risottoTypeC(shape);
  if (isNarrow(block)) return { branch: narrowTypeB(shape, definition) };
  return risottoTypeB(shape, definition);
}

function branchLayer(
  { convolutions }: RisottoPlace,
  initializers: readonly Initializer[],
  options: RisottoOptions,
): Layer {
  const parts: Record<string, Layer> = {};
  convolutions.forEach((convolution, k) => {
    if (k > 0) parts[`relu${k}`] = relu();
    Object.assign(parts, risottoConvolution(convolution, initializers[k]!, options, String(k + 1)));
  });
  return serial({ ...parts, alpha: scalarScale({ initial: options.alpha }) });
}

function blockLayer(block: RisottoPlace, options: RisottoOptions): Layer {
  const { branch, shortcut } = initializersOf(block, options);
  const projection = shortcutConvolution(block.place);
  const layer = residual({
    branch: branchLayer(block, branch, options),
    shortcut:
      shortcut === undefined
        ? identity()
        : serial(risottoConvolution(projection, shortcut, options)),
    after: relu(),
    names: { after: "relu" },
  });
  return sharingStream(layer);
}

/**
 * Gains of the mean square over a block. Forward in/out, exactly where stride is 1 and on average
 * over pixels where it is 2. Backward, in a network of type C alone, 1/stride^2: exactly where
 * shape is kept and a block follows, whose gradient has mirrored halves, and on average elsewhere.
 * An identity shortcut also brings gradients of inactive channels, whose share no closed form
 * gives: type B has no backward prediction.
 */
function theoryOf(
  block: RisottoPlace,
  plan: RisottoPlan,
  options: RisottoOptions,
): { readonly theory?: BlockTheory } {
  const norms = block.type === "C" || typeBKeepsNorm(options);
  if (options.batchNorm || !norms || !keepsAll(block)) return {};
  const { inWidth, outWidth, stride } = block.place;
  const mirrored = plan.blocks.every((other) => other.type === "C" && keepsAll(other));
  const backward = { statistic: "meanSquare", gain: 1 / stride ** 2, asInPaper: 1 } as const;
  return {
    theory: {
      forward: { statistic: "meanSquare", gain: inWidth / outWidth },
      ...(mirrored ? { backward } : {}),
      source: `${risottoSource}, theorems 2.10 and 2.11`,
    },
  };
}

/** A block of the plan, built. */
export function risottoBlock(
  block: RisottoPlace,
  plan: RisottoPlan,
  options: RisottoOptions,
): Block {
  return {
    stage: block.place.stage,
    layer: blockLayer(block, options),
    ...theoryOf(block, plan, options),
  };
}
