import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Network } from "../src/architectures/architecture.js";
import { layerTable, totals } from "../src/architectures/parts/describe.js";
import { familyTrunk } from "../src/architectures/parts/ends.js";
import { parameterSpecs, sampleParameter } from "../src/architectures/parts/network.js";
import resnet from "../src/architectures/resnet.js";
import type { Key } from "../src/core/random.js";
import { fold, keyOf, normal, uniform } from "../src/core/random.js";
import type { SafetensorsEntry } from "../src/core/safetensors.js";
import { encodeSafetensors } from "../src/core/safetensors.js";
import { sizeOf } from "../src/core/shape.js";
import type { Batch } from "../src/data/dataset.js";
import { pytorchShape, toPytorch } from "../src/training/parts/layout.js";
import type {
  ConvolutionWork,
  NetworkChoice,
  PropagationWork,
  RewriteName,
  RewriteWork,
  TrainingWork,
  Work,
} from "./work.js";

/** Batches that repetitions take in turn. */
export const batches = 4;

/** SGD as both sides do it. */
export const recipe = { learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4 } as const;

/** Steps after which both sides' parameters are compared: the second has a momentum to use. */
export const checkedSteps = 2;

const key = fold(keyOf(0), "bench");

/** The network of a choice. */
export function networkOf(choice: NetworkChoice): Network {
  return resnet.build(resnet.options.parse(choice));
}

/** The key of the weights that both sides start from. */
export const weightsKey: Key = fold(key, "weights");

/** Batch k of a network's normal images with random labels. */
export function batchOf({ inShape, classes }: Network, count: number, k: number): Batch {
  const own = fold(key, `batch.${k}`);
  const images = Float32Array.from(normal(fold(own, "images"), count * sizeOf(inShape)));
  const labels = Int32Array.from(uniform(fold(own, "labels"), count, 0, classes));
  return { count, shape: inShape, images, labels };
}

function entry(name: string, shape: readonly number[], values: Float32Array): SafetensorsEntry {
  return { name, shape, values };
}

function weightEntries(network: Network): readonly SafetensorsEntry[] {
  return parameterSpecs(network).map((spec) => {
    const values = Float32Array.from(sampleParameter(spec, weightsKey));
    return entry(spec.name, pytorchShape(spec.shape), toPytorch(values, spec.shape));
  });
}

function batchEntries(network: Network, count: number): readonly SafetensorsEntry[] {
  return Array.from({ length: batches }, (_, k) => {
    const { images, labels } = batchOf(network, count, k);
    return [
      entry(`images.${k}`, [count, ...network.inShape], images),
      entry(`labels.${k}`, [count], Float32Array.from(labels)),
    ];
  }).flat();
}

/** Normal numbers of a standard deviation, an array a name. */
export function drawn(from: string, shape: readonly number[], deviation: number): Float32Array {
  return Float32Array.from(normal(fold(key, from), sizeOf(shape)), (v) => v * deviation);
}

/** The arrays of a convolution case in our layout: `x`, `cotangent`, `filters.0`, ... */
export function convolutionArrays(work: ConvolutionWork): readonly SafetensorsEntry[] {
  const { batch, size, channels, depth } = work;
  const draw = (name: string, shape: readonly number[], deviation: number) =>
    entry(name, shape, drawn(`convolution.${size}.${channels}.${name}`, shape, deviation));
  const image = [batch, size, size, channels];
  const filter = [3, 3, channels, channels];
  const deviation = Math.sqrt(1 / (9 * channels));
  const filters = Array.from({ length: depth }, (_, k) => draw(`filters.${k}`, filter, deviation));
  return [draw("x", image, 1), draw("cotangent", image, 1), ...filters];
}

function inPytorchLayout(array: SafetensorsEntry): SafetensorsEntry {
  if (!array.name.startsWith("filters")) return array;
  const { name, shape, values } = array;
  return entry(name, pytorchShape(shape), toPytorch(values, shape));
}

/** How the peer is to build the network. */
function peerNetwork(choice: NetworkChoice) {
  const options = resnet.options.parse(choice);
  const { places, stemWidth, block, classes } = familyTrunk(options, "bench");
  const bottleneck = block === "bottleneck";
  return { places, stemWidth, bottleneck, classes, batchNorm: options.batchNorm };
}

function write(folder: string, file: string, entries: readonly SafetensorsEntry[]): string {
  const path = join(folder, file);
  writeFileSync(path, encodeSafetensors(entries));
  return path;
}

function networkMaterial(work: PropagationWork | TrainingWork, folder: string) {
  const network = networkOf(work.network);
  return {
    network: peerNetwork(work.network),
    weights: write(folder, "weights.safetensors", weightEntries(network)),
    data: write(folder, "data.safetensors", batchEntries(network, work.batch)),
    recipe,
    checkedSteps,
  };
}

/** Writes what the peer reads and gives the arguments of its `prepare`. */
export function writeMaterial(work: Work, folder: string): Readonly<Record<string, unknown>> {
  if (work.job === "propagation" || work.job === "training") return networkMaterial(work, folder);
  if (work.job !== "convolution") return { ...work };
  const arrays = convolutionArrays(work).map(inPytorchLayout);
  return { ...work, data: write(folder, "data.safetensors", arrays) };
}

/** Multiply-adds of the stem, whose input nobody differentiates. */
function stemMacs(network: Network): number {
  return layerTable(network)
    .filter(({ name }) => name === "stem" || name.startsWith("stem."))
    .reduce((sum, { macs }) => sum + macs, 0);
}

/** Taps and stride of the convolution that a rewrite is of, where it is of one. */
const rewritten: Readonly<
  Partial<Record<RewriteName, { readonly taps: number; readonly stride: number }>>
> = {
  winograd: { taps: 9, stride: 1 },
  phases: { taps: 9, stride: 2 },
  "phases-in-blocks": { taps: 9, stride: 2 },
  "turned-filter": { taps: 9, stride: 1 },
  "blocked-filter-cotangent": { taps: 9, stride: 1 },
  pointwise: { taps: 1, stride: 1 },
  "pointwise-in-blocks": { taps: 1, stride: 1 },
};

function rewriteFlops(work: RewriteWork): number | null {
  const { rewrite, batch, size, channels, outputs = channels } = work;
  const convolution = rewritten[rewrite];
  if (convolution === undefined) return null;
  const pixels = batch * (size / convolution.stride) ** 2;
  return 2 * convolution.taps * pixels * channels * outputs;
}

/**
 * Floating-point operations that the work needs, two a multiply-add: a convolution once forward,
 * once for its input's gradient where somebody wants it, once for its filters' in training.
 */
export function flopsOf(work: Work): number | null {
  if (work.job === "normals") return null;
  if (work.job === "rewrite") return rewriteFlops(work);
  if (work.job === "propagation" || work.job === "training") {
    const network = networkOf(work.network);
    const passes = work.job === "training" ? 3 : 2;
    return 2 * work.batch * (passes * totals(network).macs - stemMacs(network));
  }
  const once = 2 * 9 * work.batch * work.size ** 2 * work.channels ** 2 * work.depth;
  return work.job === "chain" ? 2 * once : once;
}
