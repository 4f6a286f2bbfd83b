import type { Architecture } from "./architecture.js";
import { buildIsometric } from "./parts/isometric.js";
import type { IsometricOptions } from "./parts/isometric-options.js";
import { isonetOptions, isonetPresets } from "./parts/isometric-options.js";
import { isometricRecipe } from "./parts/isometric-recipe.js";
import { quickTrunk } from "./parts/quick.js";

/**
 * ISONet: a plain convolutional network kept near an isometry, without batch norm or skip
 * connections.
 */
const isonet: Architecture<IsometricOptions> = {
  title: "ISONet",
  source: "Qi et al. 2020, arXiv:2006.16992",
  summary:
    "Plain network of delta kernels and shifted ReLUs: neither batch norm nor skip connections",
  options: isonetOptions,
  presets: isonetPresets,
  quick: quickTrunk,
  build: (options) => buildIsometric(options, "isonet"),
  recipe: (options) => isometricRecipe(options, "isonet"),
};

export default isonet;
