import type { Network } from "../../src/architectures/architecture.js";
import { initialize, parameterSpecs, runNetwork } from "../../src/architectures/parts/network.js";
import { keyOf } from "../../src/core/random.js";
import type { SafetensorsEntry } from "../../src/core/safetensors.js";
import type { Batch } from "../../src/data/dataset.js";
import { evaluate } from "../../src/engine/evaluation.js";
import * as tf from "../../src/engine/tf.js";
import type { Context, ParameterSpec, Parameters } from "../../src/layers/layer.js";
import { pytorchShape, toPytorch } from "../../src/training/parts/layout.js";
import { batches, batchOf, checkedSteps, networkOf, recipe, weightsKey } from "../material.js";
import type { TrainingWork } from "../work.js";
import type { Job } from "./job.js";

type Named = Record<string, tf.Tensor>;

/** How far running moments move towards the batch's, as in PyTorch. */
const momentShare = 0.1;

/** Everything that a step replaces. */
type State = { readonly values: Named; readonly momenta: Named };

interface Specs {
  readonly trainable: readonly ParameterSpec[];
  readonly moments: readonly ParameterSpec[];
}

function oneHot({ labels, count }: Batch, classes: number): tf.Tensor {
  const values = new Float32Array(count * classes);
  labels.forEach((label, n) => {
    values[n * classes + label] = 1;
  });
  return tf.tensor(values, [count, classes]);
}

/** Mean over the batch of the cross-entropy between labels and softmax. */
function crossEntropy(logits: tf.Tensor, targets: tf.Tensor): tf.Tensor {
  const shares = tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1);
  return tf.neg(tf.mean(shares));
}

/** A context that gathers the batch's moments under the names of the running ones. */
function trainingContext(moments: Named): Context {
  return {
    training: true,
    statistics: "batch",
    key: keyOf(0),
    tap: (name, x) => {
      if (/\.running_(mean|var)$/.test(name)) moments[name] = tf.keep(x);
      return x;
    },
  };
}

/** Loss and gradients by the trainable parameters, and the batch's moments. */
function differentiate(network: Network, { trainable }: Specs, values: Parameters, batch: Batch) {
  const moments: Named = {};
  const context = trainingContext(moments);
  const targets = oneHot(batch, network.classes);
  const images = tf.tensor(batch.images, [batch.count, ...batch.shape]);
  const names = trainable.map(({ name }) => name);
  const loss = (...given: tf.Tensor[]) => {
    const learned = Object.fromEntries(names.map((name, i) => [name, given[i]!]));
    return crossEntropy(
      runNetwork(network, { ...values, ...learned }, images, context),
      targets,
    ) as tf.Scalar;
  };
  const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => values[name]!));
  return { loss: value, gradients: grads, moments };
}

/** v <- momentum v + (g + decay w); w <- w - rate v. */
function updated(value: tf.Tensor, momentum: tf.Tensor, gradient: tf.Tensor) {
  const decayed = tf.add(gradient, tf.mul(value, recipe.weightDecay));
  const next = tf.add(tf.mul(momentum, recipe.momentum), decayed);
  return { momentum: next, value: tf.sub(value, tf.mul(next, recipe.learningRate)) };
}

function moved(running: tf.Tensor, seen: tf.Tensor): tf.Tensor {
  return tf.add(tf.mul(running, 1 - momentShare), tf.mul(seen, momentShare));
}

/** The step as pending tensors: nothing is computed until the caller evaluates them. */
function step(network: Network, specs: Specs, { values, momenta }: State, batch: Batch) {
  const { loss, gradients, moments } = differentiate(network, specs, values, batch);
  const next = { loss, values: {} as Named, momenta: {} as Named };
  specs.trainable.forEach(({ name }, i) => {
    const { value, momentum } = updated(values[name]!, momenta[name]!, gradients[i]!);
    next.values[name] = value;
    next.momenta[name] = momentum;
  });
  for (const { name } of specs.moments) {
    next.values[name] = moved(values[name]!, moments[name]!);
    moments[name]!.dispose();
  }
  return next;
}

function tensorsOf({ values, momenta }: State): tf.Tensor[] {
  return [...Object.values(values), ...Object.values(momenta)];
}

function start(network: Network, { trainable }: Specs): State {
  const momenta = trainable.map(({ name, shape }): [string, tf.Tensor] => [
    name,
    tf.zeros([...shape]),
  ]);
  const values = { ...initialize(network, weightsKey) };
  return { values, momenta: Object.fromEntries(momenta) };
}

/** A network in training: `step` replaces every value and gives the loss. */
function trainer(network: Network) {
  const all = parameterSpecs(network);
  const specs = {
    trainable: all.filter((spec) => spec.trainable),
    moments: all.filter((spec) => spec.role === "moment"),
  };
  let state = start(network, specs);
  return {
    all,
    state: () => state,
    step: async (batch: Batch) => {
      const { loss, ...next } = tf.tidy(() => {
        const after = step(network, specs, state, batch);
        evaluate([after.loss, ...tensorsOf(after)]);
        return after;
      });
      tf.dispose(tensorsOf(state));
      state = next;
      const [number] = await loss.data();
      loss.dispose();
      return number!;
    },
    dispose: () => tf.dispose(tensorsOf(state)),
  };
}

async function arrayOf(
  label: string,
  spec: ParameterSpec,
  values: Parameters,
): Promise<SafetensorsEntry> {
  const data = Float32Array.from(await values[spec.name]!.data());
  return {
    name: `${label} ${spec.name}`,
    shape: pytorchShape(spec.shape),
    values: toPytorch(data, spec.shape),
  };
}

async function check(
  network: Network,
  data: readonly Batch[],
): Promise<readonly SafetensorsEntry[]> {
  const fresh = trainer(network);
  const losses: number[] = [];
  for (let k = 0; k < checkedSteps; k++) losses.push(await fresh.step(data[k % batches]!));
  const found: SafetensorsEntry[] = [
    { name: "loss", shape: [losses.length], values: Float32Array.from(losses) },
  ];
  const { values, momenta } = fresh.state();
  for (const spec of fresh.all) {
    found.push(await arrayOf("value", spec, values));
    if (spec.trainable) found.push(await arrayOf("momentum", spec, momenta));
  }
  fresh.dispose();
  return found;
}

/** One step of SGD with momentum on a network with batch norm; everything in one evaluation. */
export function trainingJob(work: TrainingWork): Job {
  const network = networkOf(work.network);
  const data = Array.from({ length: batches }, (_, k) => batchOf(network, work.batch, k));
  let kept: ReturnType<typeof trainer> | undefined;
  return {
    run: async (repetition) => {
      kept ??= trainer(network);
      await kept.step(data[repetition % batches]!);
    },
    check: () => check(network, data),
  };
}
