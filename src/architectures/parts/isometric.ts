import { UserError } from "../../core/errors.js";
import { initializerByName } from "../../initializers/by-name.js";
import { pytorchConv } from "../../initializers/pytorch-conv.js";
import { zero } from "../../initializers/zero.js";
import { batchNorm } from "../../layers/batch-norm.js";
import { conv2d } from "../../layers/conv2d.js";
import type { Layer } from "../../layers/layer.js";
import { relu } from "../../layers/relu.js";
import { residual } from "../../layers/residual.js";
import { scalarScale } from "../../layers/scalar-scale.js";
import { serial } from "../../layers/serial.js";
import { srelu } from "../../layers/srelu.js";
import type { Block, BlockTheory, Network } from "../architecture.js";
import type { Convolution } from "./branch.js";
import { branchConvolutions, keepsShape, shortcutConvolution } from "./branch.js";
import {
  defaultClassifier,
  endsStage,
  familyTrunk,
  pooledFeatures,
  stemConvolution,
  stemPool,
} from "./ends.js";
import type { IsometricOptions } from "./isometric-options.js";
import type { Place, Trunk } from "./trunk.js";

type Parts = Readonly<Record<string, Layer>>;

function activate(options: IsometricOptions): Layer {
  const { threshold, trainableThreshold } = options;
  return options.activation === "srelu"
    ? srelu({ initial: threshold, trainable: trainableThreshold })
    : relu();
}

/**
 * The threshold of SReLU and the shift of batch norm do what a bias does, so only nets without
 * either have one.
 */
function convolve(options: IsometricOptions, convolution: Convolution): Layer {
  const { outWidth, size, stride } = convolution;
  const plainStem = size === 7 && options.init === "delta";
  const initializer = plainStem ? pytorchConv() : initializerByName(options.init);
  const biased = options.activation === "relu" && !options.batchNorm;
  const bias = biased ? { bias: zero() } : {};
  return conv2d({ filters: outWidth, size, stride, initializer, ...bias });
}

function normalise(options: IsometricOptions, name: string, scale = 1): Parts {
  return options.batchNorm ? { [name]: batchNorm({ scale }) } : {};
}

/**
 * Convolutions of a branch with what follows each, without the last activation, which is the
 * block's.
 */
function branchParts(options: IsometricOptions, place: Place, trunk: Trunk): Parts {
  const convolutions = branchConvolutions(place, trunk.block);
  const parts: Record<string, Layer> = {};
  convolutions.forEach((convolution, i) => {
    const last = i === convolutions.length - 1;
    parts[`conv${i + 1}`] = convolve(options, convolution);
    Object.assign(parts, normalise(options, `bn${i + 1}`, last && options.skip ? 0 : 1));
    if (!last) parts[`activation${i + 1}`] = activate(options);
  });
  return parts;
}

function scalarOf(options: IsometricOptions): number | "none" {
  return options.scalar ?? 0;
}

function scalarPart(options: IsometricOptions): Parts {
  const initial = scalarOf(options);
  if (initial === "none") return {};
  return { scalar: scalarScale({ initial, trainable: options.trainableScalar }) };
}

function projection(options: IsometricOptions, place: Place): Layer {
  return serial({
    conv: convolve(options, shortcutConvolution(place)),
    ...normalise(options, "bn"),
  });
}

function blockLayer(options: IsometricOptions, place: Place, trunk: Trunk): Layer {
  const parts = branchParts(options, place, trunk);
  const after = `activation${branchConvolutions(place, trunk.block).length}`;
  if (!options.skip) return serial({ ...parts, [after]: activate(options) });
  return residual({
    branch: serial({ ...parts, ...scalarPart(options) }),
    ...(keepsShape(place) ? {} : { shortcut: projection(options, place) }),
    after: activate(options),
    names: { after },
  });
}

/**
 * Whether blocks start as delta kernels and shifted ReLUs, with branches of zero if they have any.
 */
function startsAsCopy(options: IsometricOptions): boolean {
  const plain = options.init === "delta" && !options.batchNorm;
  return plain && (!options.skip || scalarOf(options) === 0);
}

const theorySource =
  "Qi et al. 2020, arXiv:2006.16992, eq. 8 and 15: delta kernels and an idempotent SReLU";

/**
 * Within a stage a block repeats what the block before did: delta kernels copy and max(max(x, b),
 * b) = max(x, b). Backward it multiplies by the same mask again, but for the last block of a stage,
 * which masks first. A wider block copies its input's channels and adds channels of max(0, b) = 0;
 * a stride keeps every second pixel, which leaves the mean square of a stationary signal as it is.
 */
function theoryOf(options: IsometricOptions, place: Place, trunk: Trunk): BlockTheory | undefined {
  if (!startsAsCopy(options)) return undefined;
  const gain = Math.min(1, place.inWidth / place.outWidth);
  const forward = { statistic: "meanSquare", gain } as const;
  if (!keepsShape(place)) {
    const addsZeros = options.activation === "relu" || options.threshold <= 0;
    return addsZeros ? { forward, source: theorySource } : undefined;
  }
  return {
    forward,
    ...(endsStage(trunk, place) ? {} : { backward: forward }),
    source: theorySource,
  };
}

function blockOf(options: IsometricOptions, place: Place, trunk: Trunk): Block {
  const theory = theoryOf(options, place, trunk);
  const layer = blockLayer(options, place, trunk);
  return { stage: place.stage, layer, ...(theory === undefined ? {} : { theory }) };
}

function checkTogether(options: IsometricOptions, where: string): void {
  if (!options.skip && options.scalar !== undefined) {
    throw new UserError(
      `${where}: option "scalar" is ${options.scalar} with skip=false; allowed: with skip=true only`,
    );
  }
}

function notesOf(options: IsometricOptions, trunk: Trunk): readonly string[] {
  const channels = trunk.inShape[2]!;
  const deltaStem = options.init === "delta" && trunk.stem === "3x3" && channels < trunk.stemWidth;
  const alive = `delta init: the stem copies the ${channels} input channels, the other ${trunk.stemWidth - channels} start constant`;
  return [...trunk.notes, ...(deltaStem ? [alive] : [])];
}

/**
 * ISONet, or R-ISONet with `skip`: delta kernels, shifted ReLUs, no batch norm.
 * Throws `UserError` when options do not go together; `where` names the architecture in it.
 * Source: Qi et al. 2020, arXiv:2006.16992, section 2 and the authors' code.
 */
export function buildIsometric(options: IsometricOptions, where: string): Network {
  checkTogether(options, where);
  const trunk = familyTrunk(options, where);
  return {
    inShape: trunk.inShape,
    classes: trunk.classes,
    stem: serial({
      conv: convolve(options, stemConvolution(trunk)),
      ...normalise(options, "bn"),
      activation: activate(options),
      ...stemPool(trunk),
    }),
    blocks: trunk.places.map((place) => blockOf(options, place, trunk)),
    features: pooledFeatures(options.dropout),
    classifier: defaultClassifier(trunk),
    notes: notesOf(options, trunk),
  };
}
