import type { Architecture } from "./architecture.js";
import { buildIsometric } from "./parts/isometric.js";
import type { IsometricOptions } from "./parts/isometric-options.js";
import { risonetOptions, risonetPresets } from "./parts/isometric-options.js";
import { isometricRecipe } from "./parts/isometric-recipe.js";
import { quickTrunk } from "./parts/quick.js";

/** R-ISONet: ISONet with skip connections and a scalar a branch that starts at 0. */
const risonet: Architecture<IsometricOptions> = {
  title: "R-ISONet",
  source: "Qi et al. 2020, arXiv:2006.16992",
  summary: "ISONet with skip connections and one scalar a branch that starts at 0",
  options: risonetOptions,
  presets: risonetPresets,
  quick: quickTrunk,
  build: (options) => buildIsometric(options, "r-isonet"),
  recipe: (options) => isometricRecipe(options, "r-isonet"),
};

export default risonet;
