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
 * Residual blocks x -> c (x + f(x)) with c = sqrt(1/2), without normalisation.
 * Where width or resolution changes, the shortcut is a 1x1 convolution.
 * Source: Civitelli et al. 2021, arXiv:2112.12299, section 3.3, scheme 1.
 */
const idshort: Architecture<FamilyOptions> = {
  title: "IdShort",
  source: `${familySource}, section 3.3`,
  summary: "pre-activation ResNet whose sum with the identity is scaled by sqrt(1/2)",
  options: z.strictObject(familyOptions),
  presets: familyPresets,
  quick: familyQuick,
  build: (options) => buildFamily(options, { kind: "identity" }, "idshort"),
  recipe: familyRecipe,
};

export default idshort;
