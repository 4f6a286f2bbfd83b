import { MachineError } from "../src/core/errors.js";
import type { SafetensorsEntry } from "../src/core/safetensors.js";

/** The largest relative difference, and where it is. */
export interface Agreement {
  readonly difference: number;
  readonly name: string;
}

/** |a - b| / |b| in the Euclidean norm; of two zeros 0; Infinity where one is not finite. */
export function relativeDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    size += b[i]! ** 2;
  }
  if (difference === 0) return 0;
  const ratio = Math.sqrt(difference / size);
  return Number.isNaN(ratio) ? Number.POSITIVE_INFINITY : ratio;
}

/**
 * Compares what both sides computed, array by array.
 * Throws `MachineError` when one side lacks an array of the other, or has it in another size.
 */
export function compare(
  ours: readonly SafetensorsEntry[],
  peers: readonly SafetensorsEntry[],
): Agreement {
  const byName = new Map(ours.map(({ name, values }) => [name, values]));
  const lacking = ours.find(({ name }) => !peers.some((peer) => peer.name === name));
  if (lacking !== undefined) throw new MachineError(`bench: PyTorch has no "${lacking.name}"`);
  return peers.reduce<Agreement>(
    (worst, { name, values }) => {
      const own = byName.get(name);
      if (own?.length !== values.length) {
        const came = own === undefined ? "no" : `${own.length} values in`;
        throw new MachineError(`bench: ours has ${came} "${name}", PyTorch ${values.length}`);
      }
      const difference = relativeDifference(own, values);
      return difference > worst.difference ? { difference, name } : worst;
    },
    { difference: 0, name: peers[0]?.name ?? "" },
  );
}
