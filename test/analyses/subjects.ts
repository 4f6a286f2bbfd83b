import type { Joined, Subject } from "../../src/analyses/analysis.js";
import type { PropagationRow } from "../../src/analyses/parts/propagation-row.js";
import { spp } from "../../src/analyses/spp.js";
import type { Block, BlockTheory, Network } from "../../src/architectures/architecture.js";
import { initialize } from "../../src/architectures/parts/network.js";
import { fold, keyOf, normal, uniform } from "../../src/core/random.js";
import { parseOptions } from "../../src/core/schema.js";
import type { Shape } from "../../src/core/shape.js";
import { sizeOf } from "../../src/core/shape.js";
import * as tf from "../../src/engine/tf.js";
import { lecun } from "../../src/initializers/lecun.js";
import { dense, identity } from "../../src/layers/index.js";
import type { Layer } from "../../src/layers/layer.js";

/** A chain of blocks on vectors: stem and features are identities, the classifier has 10 classes. */
export function chain(
  layers: readonly Layer[],
  given: Partial<Network> & {
    readonly stages?: readonly number[];
    readonly theory?: BlockTheory;
  } = {},
): Network {
  const { stages, theory, ...parts } = given;
  const blocks = layers.map(
    (layer, k): Block => ({ layer, stage: stages?.[k] ?? 1, ...(theory ? { theory } : {}) }),
  );
  return {
    inShape: [64],
    classes: 10,
    stem: identity(),
    blocks,
    features: identity(),
    classifier: dense({ units: 10, initializer: lecun() }),
    ...parts,
  };
}

/** Standard normal inputs times `size` with random labels. */
export function batchOf(shape: Shape, classes: number, count: number, size = 1) {
  const images = Float32Array.from(normal(keyOf(5), count * sizeOf(shape)), (v) => v * size);
  const labels = Int32Array.from(uniform(keyOf(6), count, 0, classes), Math.floor);
  return { count, shape, images, labels };
}

export function subjectOf(network: Network, seed = 1, count = 16, size = 1): Subject {
  const parameters = initialize(network, fold(keyOf(seed), "parameters"));
  return { network, parameters, batch: batchOf(network.inShape, network.classes, count, size) };
}

/** All rows of a network as an experiment joins them; the parameters are disposed. */
export async function measureRows(
  subject: Subject,
  given: Record<string, unknown> = {},
  joined = { architecture: "chain", options: "", seed: 1 },
): Promise<readonly Joined<PropagationRow>[]> {
  const rows: Joined<PropagationRow>[] = [];
  const options = parseOptions(spp.options, given, "spp");
  for await (const row of spp.measure(subject, options, keyOf(joined.seed)))
    rows.push({ ...row, ...joined });
  tf.dispose(Object.values(subject.parameters));
  return rows;
}

/** Values of one statistic at block outputs in order. */
export function blockValues(
  rows: readonly PropagationRow[],
  direction: PropagationRow["direction"],
  statistic: PropagationRow["statistic"] = "meanSquare",
): readonly number[] {
  return rows
    .filter((row) => /^blocks\.\d+$/.test(row.signal))
    .filter((row) => row.direction === direction && row.statistic === statistic)
    .map((row) => row.value);
}
