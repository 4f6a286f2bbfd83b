import type { ActivationName } from "../../layers/activation.js";

/** 1/sqrt(Var f(Z)) for Z ~ N(0, 1), by quadrature where there is no closed form. */
const gammas: Readonly<Record<ActivationName, number>> = {
  relu: Math.sqrt(2 / (1 - 1 / Math.PI)),
  tanh: 1.592537419722963,
  silu: 1.7871872221005616,
  gelu: 1.7009262433633785,
  elu: 1.2708434178502837,
  selu: 1,
  "leaky-relu": 1.7048316271774397,
  softplus: 1.9191259801073521,
  identity: 1,
};

/**
 * The constant gamma that gives gamma f(Z) variance 1 for Z ~ N(0, 1).
 * The authors' code has Monte-Carlo estimates of it, off by up to 0.09 %: 1.7139588594 for ReLU,
 * where the exact value is sqrt(2 / (1 - 1/pi)) = 1.7128585504.
 * Source: Brock et al. 2021, arXiv:2101.08692 (NF-ResNet), section 4.3.
 */
export function activationGamma(name: ActivationName): number {
  return gammas[name];
}
