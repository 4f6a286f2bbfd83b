import { z } from "../core/schema.js";
import type { Architecture } from "./architecture.js";
import {
  buildFamily,
  type FamilyOptions,
  familyOptions,
  familyPresets,
  familyQuick,
  familyRecipe,
  familySource,
} from "./parts/convshort-family.js";

/**
 * Residual blocks x -> c (W_s x + f(x)) with c = sqrt(1/2) and a 1x1 convolution W_s in each,
 * without normalisation.
 * Source: Civitelli et al. 2021, arXiv:2112.12299, section 3.3, scheme 3.
 */
const convshort: Architecture<FamilyOptions> = {
  title: "ConvShort",
  source: `${familySource}, section 3.3`,
  summary:
    "pre-activation ResNet with a 1x1 convolution on every shortcut, sums scaled by sqrt(1/2)",
  options: z.strictObject(familyOptions),
  presets: { ...familyPresets, activated: { shortcutInput: "activated" } },
  quick: familyQuick,
  build: (options) => buildFamily(options, { kind: "convolution" }, "convshort"),
  recipe: familyRecipe,
};

export default convshort;
