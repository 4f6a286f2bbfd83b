import { layerTable } from "../architectures/parts/describe.js";
import { parameterSpecs, partsOf } from "../architectures/parts/network.js";
import { formatBytes } from "../core/bytes.js";
import { MachineError } from "../core/errors.js";
import { sizeOf } from "../core/shape.js";
import { availableMemory } from "../engine/memory.js";
import type { Experiment, Member } from "./experiment.js";

/**
 * What is held at the peak, fitted to the peak of whole runs (18-, 50- and 56-layer networks at
 * batch 64, within 30 %): a backward pass through a part holds its layers' outputs, their
 * gradients, what both are made of, and as much again that was freed but not yet collected.
 */
const copiesOfPart = 4;
/** Share of all activations that the engine keeps as scratch memory, and its bound in bytes. */
const scratch = { share: 0.8, bound: 2e9 } as const;
/** The float64 draw, the float32 tensor and the engine's own layout of each weight. */
const bytesPerParameter = 16;
/** The program itself, its engine and one chart renderer. */
const baseBytes = 500e6;

interface Activations {
  readonly all: number;
  readonly largestPart: number;
  readonly signals: number;
}

/** Bytes an image of every layer's output, of the part with the most, and of the parts' outputs. */
function activationsOf({ network }: Member): Activations {
  const rows = layerTable(network);
  const parts = partsOf(network).map(({ name, layer, inShape }) => {
    const own = rows.filter((row) => row.name === name || row.name.startsWith(`${name}.`));
    const bytes = own.reduce((sum, row) => sum + row.activationBytes, 0);
    return { bytes, signal: 4 * sizeOf(layer.outShape(inShape)) };
  });
  return {
    all: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    largestPart: Math.max(...parts.map(({ bytes }) => bytes)),
    signals: parts.reduce((sum, { signal }) => sum + signal, 0),
  };
}

/**
 * Bytes one network needs at its peak for a batch when its parts are computed one by one, the least
 * that measuring it can do with.
 */
export function forecastBytes(member: Member, batch: number): number {
  const { all, largestPart, signals } = activationsOf(member);
  const weights = parameterSpecs(member.network).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return (
    baseBytes +
    weights * bytesPerParameter +
    batch * (signals + copiesOfPart * largestPart) +
    Math.min(scratch.bound, scratch.share * all * batch)
  );
}

/** Bytes that one graph takes beyond what is forecast, fitted to whole runs within 20 %. */
const graphShare = 1.3;
/** The program, its engine and one chart renderer, where graphs are compiled whole. */
const graphBaseBytes = 300e6;

/** Bytes one network of an experiment needs at its peak on the current backend. */
export function forecastRun({ measurement, settings, batch }: Experiment, member: Member): number {
  const graph = measurement.forecast?.(member.network, batch, settings);
  if (graph === undefined) return forecastBytes(member, batch);
  const weights = parameterSpecs(member.network).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return graphBaseBytes + weights * bytesPerParameter + graphShare * graph;
}

/** The images of a batch, as they are drawn or read and as the engine holds them. */
const copiesOfImages = 2;

/**
 * The least bytes with which a batch can be measured: the images, and one of them in the network,
 * or all where batch norm makes samples act on each other.
 */
function leastBytes(member: Member, batch: number): number {
  const coupled = layerTable(member.network).some(({ kind }) => kind === "batch-norm");
  const images = 4 * copiesOfImages * batch * sizeOf(member.network.inShape);
  return forecastBytes(member, coupled ? batch : 1) + images;
}

/** The largest batch below `batch` that fits, by halving; 0 when none does. */
function largestBatch(member: Member, batch: number, available: number): number {
  let [fits, tooLarge] = [0, batch];
  while (tooLarge - fits > 1) {
    const middle = Math.floor((fits + tooLarge) / 2);
    if (leastBytes(member, middle) <= available) fits = middle;
    else tooLarge = middle;
  }
  return fits;
}

/**
 * Throws `MachineError` before anything runs when a network will not fit, cut as finely as can be;
 * says which batch would.
 */
export function checkMemory(experiment: Experiment, available = availableMemory()): void {
  for (const member of experiment.members) {
    const needed = leastBytes(member, experiment.batch);
    if (needed <= available) continue;
    const fits = largestBatch(member, experiment.batch, available);
    const advice = fits >= 1 ? `use --batch ${fits} or less` : "use a smaller network";
    throw new MachineError(
      `${member.label}: needs about ${formatBytes(needed)} at batch ${experiment.batch}, ` +
        `this machine has ${formatBytes(available)} free; ${advice}`,
    );
  }
}
