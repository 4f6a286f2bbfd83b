import { fold } from "../core/random.js";
import { z } from "../core/schema.js";
import type { DatasetReader } from "./dataset.js";
import { parseSettings } from "./parts/settings.js";
import { normalSample, syntheticDataset } from "./parts/synthetic.js";

const settings = z.strictObject({
  /** Standard deviation of every value. */
  std: z.number().gt(0).max(1000).default(1),
});

/** Independent normal images. */
const reader: DatasetReader = {
  title: "Gaussian noise",
  source: "Brock et al. 2021, arXiv:2101.08692, section 3 (unit Gaussian inputs)",
  summary: "Independent normal values of mean 0 with uniformly random labels; std=1 unless given.",
  argument: "[std=S]",
  load: async (request) => {
    const { std } = parseSettings(settings, request.argument, "gaussian");
    const key = fold(request.key, "gaussian");
    return syntheticDataset(request, {
      recipe: `normal values of mean 0 and deviation ${std}`,
      sample: (index, size) => normalSample(key, index, size).map((x) => std * x),
    });
  },
};

export default reader;
