import { z } from "../core/schema.js";
import type { Architecture } from "./architecture.js";
import {
  buildFamily,
  familyOptions,
  familyPresets,
  familyQuick,
  familyRecipe,
  familySource,
} from "./parts/convshort-family.js";

const schema = z.strictObject({
  /** Initial value of the scalar on the shortcut; the paper's is 1. */
  alpha: z.number().min(-10).max(10).default(1),
  ...familyOptions,
});

/**
 * Residual blocks x -> c (alpha x + f(x)) with c = sqrt(1/2) and a learnt alpha in each, without
 * normalisation. Where width or resolution changes, the shortcut is a 1x1 convolution.
 * Source: Civitelli et al. 2021, arXiv:2112.12299, section 3.3, scheme 2.
 */
const learnscalar: Architecture<z.infer<typeof schema>> = {
  title: "LearnScalar",
  source: `${familySource}, section 3.3`,
  summary: "IdShort with a learnt scalar on the identity",
  options: schema,
  presets: familyPresets,
  quick: familyQuick,
  build: (options) =>
    buildFamily(options, { kind: "scalar", initial: options.alpha }, "learnscalar"),
  recipe: familyRecipe,
};

export default learnscalar;
