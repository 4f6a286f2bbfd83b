import { UserError } from "../core/errors.js";
import { didYouMean } from "../core/suggest.js";
import type { Activation } from "./activations/activation.js";
import { elu } from "./activations/elu.js";
import { gelu } from "./activations/gelu.js";
import { identity } from "./activations/identity.js";
import { leakyRelu } from "./activations/leaky-relu.js";
import { relu } from "./activations/relu.js";
import { selu } from "./activations/selu.js";
import { silu } from "./activations/silu.js";
import { softplus } from "./activations/softplus.js";
import { tanh } from "./activations/tanh.js";
import type { Layer } from "./layer.js";

const all = [relu, tanh, silu, gelu, elu, selu, leakyRelu, softplus, identity] as const;

/** A name that `activation` knows. */
export type ActivationName = (typeof all)[number]["name"];

/** Every activation by name, in the order of lists. */
export const activationNames: readonly ActivationName[] = all.map(({ name }) => name);

/** The activation of that name. Throws `UserError` on an unknown one. */
export function activationByName(name: string): Activation {
  const found = all.find((one) => one.name === name);
  if (found !== undefined) return found;
  const hint = didYouMean(name, activationNames);
  throw new UserError(
    `activation: unknown name "${name}"${hint}; allowed: ${activationNames.join(", ")}`,
  );
}

/** An activation as a layer, any shape. Throws `UserError` on an unknown name. */
export function activation(name: ActivationName): Layer {
  const { apply } = activationByName(name);
  return {
    kind: name,
    parameters: () => [],
    outShape: (inShape) => inShape,
    macs: () => 0,
    apply: (x) => apply(x),
  };
}
