import { initializerByName } from "../../initializers/by-name.js";
import type { BlockTheory } from "../architecture.js";
import { branchConvolutions, keepsShape, shortcutConvolution } from "./branch.js";
import { stemConvolution } from "./ends.js";
import type { BlockStyle } from "./resnet-block.js";
import type { ResnetOptions } from "./resnet-options.js";
import type { BlockMoments, Profile, WeightRule } from "./theory.js";
import {
  circularBlockGain,
  forwardProfile,
  momentsOf,
  residualTheory,
  uniformProfile,
} from "./theory.js";
import type { Place, Trunk } from "./trunk.js";

const source = "He et al. 2015, arXiv:1502.01852, eq. 10 and 14, for a sum of independent terms";

function ruleOf(options: ResnetOptions): WeightRule | undefined {
  const initializer = initializerByName(options.init);
  if (initializer.variance === undefined) return undefined;
  return { variance: (shape) => initializer.variance!(shape), centring: "none" };
}

function blockMoments(place: Place, trunk: Trunk, rule: WeightRule): BlockMoments {
  const branch = branchConvolutions(place, trunk.block);
  const moments: BlockMoments = {
    branch: branch.map((convolution) => momentsOf(convolution, rule, true)),
    shortcut: keepsShape(place) ? [] : [momentsOf(shortcutConvolution(place), rule, true)],
  };
  return { ...moments, asInPaper: circularBlockGain(moments) };
}

function stemProfile(trunk: Trunk, rule: WeightRule): Profile {
  if (trunk.stem === "7x7") return uniformProfile(trunk.places[0]!.size);
  const image = uniformProfile(trunk.inShape[0]!);
  return forwardProfile(image, momentsOf(stemConvolution(trunk), rule, false));
}

/**
 * Theory of pre-activation ReLU blocks without batch norm, whose shortcuts are identities or
 * projections of the activated signal: with He's variance a plain sum doubles the variance a block.
 * Undefined for other nets: behind post-activation sums signals are not symmetric about 0.
 */
export function resnetTheory(
  options: ResnetOptions,
  style: BlockStyle,
  trunk: Trunk,
): readonly BlockTheory[] | undefined {
  const known =
    style.order === "pre" && style.skip && !style.normalised && style.shortcut === "projection";
  const rule = ruleOf(options);
  if (!known || rule === undefined || options.activation !== "relu") return undefined;
  if (options.batchNormAt !== undefined && options.batchNormAt !== "none") return undefined;
  return residualTheory(
    trunk.places.map((place) => blockMoments(place, trunk, rule)),
    stemProfile(trunk, rule),
    source,
  );
}
