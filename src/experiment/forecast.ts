import { layerTable } from "../architectures/parts/describe.js";
import { parameterSpecs } from "../architectures/parts/network.js";
import { MachineError } from "../core/errors.js";
import { sizeOf } from "../core/shape.js";
import { availableMemory } from "../engine/memory.js";
import type { Experiment, Member } from "./experiment.js";

/**
 * Copies of every activation that one forward and backward pass holds at its peak: the tape keeps
 * each layer's output, the statistics read a square of one at a time, gradients live for one block.
 * Measured on the 18- and 50-layer networks at batch 64.
 */
const copiesOfActivations = 1.6;
/** The float64 draw, the float32 tensor and the engine's own layout of each weight. */
const bytesPerParameter = 16;
/** The program itself, its engine and one chart renderer. */
const baseBytes = 300e6;

/** Bytes one network needs at its peak for a batch. */
export function forecastBytes(member: Member, batch: number): number {
  const activations = layerTable(member.network).reduce((sum, row) => sum + row.activationBytes, 0);
  const parameters = parameterSpecs(member.network).reduce(
    (sum, spec) => sum + sizeOf(spec.shape),
    0,
  );
  return baseBytes + activations * batch * copiesOfActivations + parameters * bytesPerParameter;
}

/** `3.2 GB`. */
export function formatBytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
}

/**
 * Throws `MachineError` before anything runs when a network will not fit; says which batch would.
 */
export function checkMemory(experiment: Experiment, available = availableMemory()): void {
  for (const member of experiment.members) {
    const needed = forecastBytes(member, experiment.batch);
    if (needed <= available) continue;
    const fixed = forecastBytes(member, 0);
    const fits = Math.floor((available - fixed) / ((needed - fixed) / experiment.batch));
    const advice = fits >= 1 ? `use --batch ${fits} or less` : "use a smaller network";
    throw new MachineError(
      `${member.label}: needs about ${formatBytes(needed)} at batch ${experiment.batch}, ` +
        `this machine has ${formatBytes(available)} free; ${advice}`,
    );
  }
}
