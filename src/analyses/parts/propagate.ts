import type { Network } from "../../architectures/architecture.js";
import { layerTable } from "../../architectures/parts/describe.js";
import { parameterSpecs } from "../../architectures/parts/network.js";
import { formatBytes } from "../../core/bytes.js";
import type { Statistics } from "../../core/moments.js";
import { scaleStatistics } from "../../core/moments.js";
import type { Key } from "../../core/random.js";
import { keyOf } from "../../core/random.js";
import { sizeOf } from "../../core/shape.js";
import { evaluate, forecastBytes, idleBytes, recordsGraphs } from "../../engine/evaluation.js";
import { availableMemory } from "../../engine/memory.js";
import * as tf from "../../engine/tf.js";
import { engineWarning } from "../../engine/warnings.js";
import type { ParameterSpec } from "../../layers/layer.js";
import type { Subject } from "../analysis.js";
import type { Pass, PassSettings, Share, SignalId } from "./propagation-pass.js";
import { disposeSums, recordPass } from "./propagation-pass.js";
import type { PendingStatistics, ReadSums } from "./tapped-statistics.js";
import { readStatistics } from "./tapped-statistics.js";

/** Share of the free memory that one graph may take; the rest is for what is not counted. */
const usableShare = 0.7;

/** Whether samples of a batch act on each other, so that the batch cannot be cut. */
function samplesAreCoupled({ network }: Subject, settings: PassSettings): boolean {
  const kinds = new Set(layerTable(network).map(({ kind }) => kind));
  const byBatch = settings.batchStatistics === "batch" && kinds.has("batch-norm");
  return byBatch || (settings.dropout === "on" && kinds.has("dropout"));
}

/**
 * How a pass that does not fit into memory at once is run: in equal parts of the batch, where
 * samples do not act on each other; else part by part of the network.
 */
function sharesOf(
  subject: Subject,
  settings: PassSettings,
  needed: number,
  available: number,
): readonly Share[] {
  const { count } = subject.batch;
  const usable = formatBytes(usableShare * available);
  const what = `batch ${count} needs about ${formatBytes(needed)}, ${usable} may be used`;
  if (samplesAreCoupled(subject, settings)) {
    engineWarning(what, `${what}: measured part by part of the network`);
    return [{ from: 0, to: count, partByPart: true }];
  }
  const size = Math.max(1, Math.floor((count * usableShare * available) / needed));
  engineWarning(what, `${what}: measured in ${Math.ceil(count / size)} parts of ${size} images`);
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => ({
    from: i * size,
    to: Math.min(count, (i + 1) * size),
    partByPart: false,
  }));
}

type Recorded = ReadonlyMap<SignalId, PendingStatistics>;

async function readSums(recorded: Recorded): Promise<ReadonlyMap<SignalId, ReadSums>> {
  try {
    evaluate([...recorded.values()].map(({ sums }) => sums));
    const read = new Map<SignalId, ReadSums>();
    for (const [id, pending] of recorded) {
      read.set(id, { pending, sums: (await pending.sums.data<"float32">()).slice() });
    }
    return read;
  } finally {
    disposeSums(recorded);
  }
}

/** Reads a pass, at once where its graph fits into memory. */
async function readPass(
  subject: Subject,
  settings: PassSettings,
  pass: Pass,
  key: Key,
  available: number,
): Promise<readonly ReadonlyMap<SignalId, ReadSums>[]> {
  const whole: Share = { from: 0, to: subject.batch.count, partByPart: false };
  const recorded = recordPass(subject, settings, pass, whole, key);
  const needed = forecastBytes([...recorded.values()].map(({ sums }) => sums));
  if (needed <= usableShare * available) return [await readSums(recorded)];
  disposeSums(recorded);
  const shares = sharesOf(subject, settings, needed, available);
  const joinable: Pass =
    shares.length === 1 || pass.manner === "careful" ? pass : { ...pass, manner: "moments" };
  const readings: ReadonlyMap<SignalId, ReadSums>[] = [];
  for (const share of shares) {
    readings.push(await readSums(recordPass(subject, settings, joinable, share, key)));
  }
  return readings;
}

function scaleSquares(statistics: Statistics, factor: number): Statistics {
  return factor === 1 ? statistics : scaleStatistics(statistics, factor);
}

/**
 * Runs one pass and gives the statistics of every signal that was reached. A batch too large for
 * the memory that is free is read in parts whose moments are joined exactly.
 * `available`: bytes that may be used; what is free unless given.
 */
export async function propagate(
  subject: Subject,
  settings: PassSettings,
  pass: Pass,
  key: Key,
  available = availableMemory() + idleBytes(),
): Promise<ReadonlyMap<SignalId, Statistics>> {
  const readings = await readPass(subject, settings, pass, key, available);
  const statistics = new Map<SignalId, Statistics>();
  for (const id of readings[0]!.keys()) {
    const undo = id.startsWith("backward") ? 2 ** -pass.exponent : 1;
    const parts = readings.map((reading) => reading.get(id)!);
    statistics.set(id, scaleSquares(readStatistics(parts), undo));
  }
  return statistics;
}

/**
 * Bytes that the graph of one pass on a whole batch holds at its peak; nothing is computed.
 * Undefined where the current backend computes every operation by itself.
 */
export function forecastPropagation(
  network: Network,
  count: number,
  settings: PassSettings,
): number | undefined {
  if (!recordsGraphs()) return undefined;
  return tf.tidy(() => {
    const one = ({ name, shape }: ParameterSpec) => [name, tf.ones([...shape])] as const;
    const parameters = Object.fromEntries(parameterSpecs(network).map(one));
    const shape = network.inShape;
    const images = new Float32Array(count * sizeOf(shape));
    const batch = { images, labels: new Int32Array(count), count, shape };
    const share = { from: 0, to: count, partByPart: false };
    const pass = { manner: "plain", exponent: 0 } as const;
    const recorded = recordPass({ network, parameters, batch }, settings, pass, share, keyOf(0));
    const bytes = forecastBytes([...recorded.values()].map(({ sums }) => sums));
    disposeSums(recorded);
    return bytes;
  });
}
