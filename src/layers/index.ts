/** Layers: pure functions of a signal and parameters, and the combinators that join them. */
export type { ActivationName } from "./activation.js";
export { activation, activationByName, activationNames } from "./activation.js";
export type { Activation } from "./activations/activation.js";
export type { PoolOptions } from "./average-pool.js";
export { averagePool } from "./average-pool.js";
export type { BatchNormOptions } from "./batch-norm.js";
export { batchNorm } from "./batch-norm.js";
export { constantScale } from "./constant-scale.js";
export type { ConvolutionOptions } from "./conv2d.js";
export { conv2d } from "./conv2d.js";
export type { DenseOptions } from "./dense.js";
export { dense } from "./dense.js";
export { dropout } from "./dropout.js";
export { globalAveragePool } from "./global-average-pool.js";
export { identity } from "./identity.js";
export type { Child, Context, Layer, ParameterSpec, Parameters, Role } from "./layer.js";
export { maxPool } from "./max-pool.js";
export { relu } from "./relu.js";
export type { ResidualOptions } from "./residual.js";
export { residual } from "./residual.js";
export type { ScalarBiasOptions } from "./scalar-bias.js";
export { scalarBias } from "./scalar-bias.js";
export type { ScalarScaleOptions } from "./scalar-scale.js";
export { scalarScale } from "./scalar-scale.js";
export type { ScaledStandardConvolutionOptions } from "./scaled-standard-conv2d.js";
export { scaledStandardConv2d, standardisedKernel } from "./scaled-standard-conv2d.js";
export {
  applyPart,
  need,
  partSpecs,
  prefixSpecs,
  scopeContext,
  scopeParameters,
} from "./scope.js";
export { serial } from "./serial.js";
export type { ShiftedReluOptions } from "./srelu.js";
export { srelu } from "./srelu.js";
export type { SubsampleOptions } from "./subsample.js";
export { subsample } from "./subsample.js";
