import type { Initializer } from "./initializer.js";
import { scaledUniform } from "./variance-scaling.js";

/**
 * PyTorch's default for biases: uniform in [-1/sqrt(fanIn), 1/sqrt(fanIn)), where `fanIn` is that
 * of the layer's weight. Source: PyTorch, `torch.nn.Conv2d` and `torch.nn.Linear`,
 * `reset_parameters`.
 */
export function pytorchBias(fanIn: number): Initializer {
  return scaledUniform("pytorch-bias", () => 1 / (3 * fanIn));
}
