import type { Subject } from "../../src/analyses/analysis.js";
import { measurePropagation } from "../../src/analyses/parts/measure-propagation.js";
import type { Network } from "../../src/architectures/architecture.js";
import {
  initialize,
  parameterSpecs,
  sampleParameter,
} from "../../src/architectures/parts/network.js";
import { fold, keyOf } from "../../src/core/random.js";
import type { SafetensorsEntry } from "../../src/core/safetensors.js";
import { freeze } from "../../src/engine/evaluation.js";
import * as tf from "../../src/engine/tf.js";
import type { Parameters } from "../../src/layers/layer.js";
import { batches, batchOf, networkOf, weightsKey } from "../material.js";
import type { PropagationWork } from "../work.js";
import type { Job } from "./job.js";

const settings = { cotangent: "loss", batchStatistics: "batch", dropout: "off" } as const;
const key = keyOf(0);

function measure(subject: Subject) {
  return measurePropagation(subject, settings, key);
}

function frozen(parameters: Parameters): Parameters {
  freeze(Object.values(parameters));
  return parameters;
}

/** Values of a new draw, as arrays. */
function drawnArrays(network: Network, repetition: number) {
  const own = fold(keyOf(repetition), "init");
  return parameterSpecs(network).map((spec) => ({
    spec,
    values: Float32Array.from(sampleParameter(spec, own)),
  }));
}

function tensorsOf(arrays: ReturnType<typeof drawnArrays>): Parameters {
  const entries = arrays.map(({ spec, values }): [string, tf.Tensor] => [
    spec.name,
    tf.tensor(values, [...spec.shape]),
  ]);
  return Object.fromEntries(entries);
}

async function check(subject: Subject): Promise<readonly SafetensorsEntry[]> {
  const found = await measure(subject);
  return [...found].flatMap(([id, statistics]) =>
    (["variance", "averageChannelVariance"] as const).map((name) => ({
      name: `${id} ${name}`,
      shape: [],
      values: Float32Array.of(statistics[name].value),
    })),
  );
}

/** The signal-propagation pass that `isoscope spp` runs, again with new data or new weights. */
export function propagationJob(work: PropagationWork): Job {
  const network = networkOf(work.network);
  const data = Array.from({ length: batches }, (_, k) => batchOf(network, work.batch, k));
  const batchAt = (repetition: number) => data[repetition % batches]!;
  let kept: Parameters | undefined;
  const parameters = () => {
    kept ??= frozen(initialize(network, weightsKey));
    return kept;
  };
  if (!work.draw) {
    const subject = (repetition: number): Subject => ({
      network,
      parameters: parameters(),
      batch: batchAt(repetition),
    });
    return {
      run: async (repetition) => void (await measure(subject(repetition))),
      check: () => check(subject(0)),
    };
  }
  let arrays: ReturnType<typeof drawnArrays> = [];
  return {
    prepare: (repetition) => {
      arrays = drawnArrays(network, repetition);
    },
    run: async (repetition) => {
      const drawn = frozen(tensorsOf(arrays));
      await measure({ network, parameters: drawn, batch: batchAt(repetition) });
      tf.dispose(Object.values(drawn));
    },
    check: () => check({ network, parameters: parameters(), batch: batchAt(0) }),
  };
}
