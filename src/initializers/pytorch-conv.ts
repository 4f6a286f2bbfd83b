import { fans } from "../core/shape.js";
import type { Initializer } from "./initializer.js";
import { scaledUniform } from "./variance-scaling.js";

/**
 * PyTorch's default for weights of convolutions and dense maps, kaiming_uniform with a = sqrt(5):
 * uniform in [-1/sqrt(fanIn), 1/sqrt(fanIn)), variance 1/(3 fanIn).
 * Source: PyTorch, `torch.nn.Conv2d` and `torch.nn.Linear`, `reset_parameters`.
 */
export function pytorchConv(): Initializer {
  return scaledUniform("pytorch", (shape) => 1 / (3 * fans(shape).fanIn));
}
