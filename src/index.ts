/** The public interface: networks, measurements and experiments as functions of plain data. */
export type {
  Analysis,
  Chart,
  Joined,
  Row,
  Subject,
  Table,
  Verdict,
} from "./analyses/analysis.js";
export type {
  Architecture,
  Block,
  BlockTheory,
  Network,
  Prediction,
  TrainingRecipe,
} from "./architectures/architecture.js";
export type { LayerRow } from "./architectures/parts/describe.js";
export { layerTable, totals } from "./architectures/parts/describe.js";
export {
  initialize,
  parameterCount,
  parameterSpecs,
  runNetwork,
  signalShapes,
} from "./architectures/parts/network.js";
export * from "./core/index.js";
export type { Batch, DataRequest, Dataset, DatasetReader } from "./data/dataset.js";
export { selectBatch } from "./data/parts/batch.js";
export { engineVersions, useBackend } from "./engine/index.js";
export { load, names } from "./experiment/catalogue.js";
export type { Experiment, Member } from "./experiment/experiment.js";
export type { ExperimentRecord } from "./experiment/record.js";
export { recordOf } from "./experiment/record.js";
export { buildOne, openData, resolveExperiment } from "./experiment/resolve.js";
export { runExperiment } from "./experiment/run.js";
export type { Spec } from "./experiment/spec.js";
export { parseSpec } from "./experiment/spec.js";
export { readExperiment, storeExperiment } from "./experiment/store.js";
export type { Initializer } from "./initializers/initializer.js";
export type { Context, Layer, ParameterSpec, Parameters, Role } from "./layers/layer.js";
export { reportFiles, reportOf } from "./report/from-experiment.js";
export { loadWeights, saveWeights } from "./training/checkpoint.js";
