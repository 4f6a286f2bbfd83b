import type { Statistics } from "../../core/moments.js";
import type { Key } from "../../core/random.js";
import type { Subject } from "../analysis.js";
import { propagate } from "./propagate.js";
import type { Pass, PassSettings, SignalId } from "./propagation-pass.js";

import type { Doubt } from "./tapped-statistics.js";
import { doubtOf } from "./tapped-statistics.js";

/** Powers of two by which a second pass moves gradients that left the middle of float32's range. */
const rescue = 80;

/**
 * Exponent of the first pass: the cross-entropy's mean over the batch is undone to the next power
 * of two, so the gradient of one sample starts at order one; a Gaussian cotangent has that size
 * already.
 */
function firstExponent({ batch }: Subject, { cotangent }: PassSettings): number {
  return cotangent === "loss" ? Math.ceil(Math.log2(batch.count)) : 0;
}

/** The exponent that a doubtful signal is read again with; forward signals do not feel it. */
function secondExponent(id: SignalId, doubt: Doubt, first: number, faint: boolean) {
  const forward = id.startsWith("forward");
  if (doubt === undefined || (doubt === "zero" && (forward || !faint))) return undefined;
  if (forward || doubt === "too flat") return first;
  return doubt === "too large" ? first - rescue : first + rescue;
}

/**
 * The passes that read doubtful signals again; gradients of zero only behind faint ones, which may
 * have faded.
 */
function secondPasses(
  found: ReadonlyMap<SignalId, Statistics>,
  first: number,
): readonly (Pass & { readonly only: ReadonlySet<SignalId> })[] {
  const doubts = [...found].map(([id, statistics]) => ({ id, doubt: doubtOf(statistics) }));
  const faint = doubts.some(({ id, doubt }) => id.startsWith("backward") && doubt === "too small");
  const groups = new Map<number, Set<SignalId>>();
  for (const { id, doubt } of doubts) {
    const exponent = secondExponent(id, doubt, first, faint);
    if (exponent === undefined) continue;
    groups.set(exponent, (groups.get(exponent) ?? new Set()).add(id));
  }
  return [...groups].map(([exponent, only]) => ({ manner: "careful", exponent, only }));
}

/**
 * A second reading counts unless lifting a small gradient made a larger one on its way overflow.
 */
function better(first: Statistics, second: Statistics): Statistics {
  const lost = !Number.isFinite(second.meanSquare.value) && Number.isFinite(first.meanSquare.value);
  return lost ? first : second;
}

/**
 * Statistics of every signal of a network, both ways. One pass reads them all from float32 sums of
 * x and x²; signals whose squares overflow, underflow or whose variance drowns in the mean are read
 * again, divided by their largest element and, backward, with the cotangent moved by a power of two
 * that is undone in float64. So gradients between about 1e-62 and 1e62 are measured; what is beyond
 * is Infinity or zero. `available`: bytes of memory that may be used; what is free unless given.
 */
export async function measurePropagation(
  subject: Subject,
  settings: PassSettings,
  key: Key,
  available?: number,
): Promise<ReadonlyMap<SignalId, Statistics>> {
  const exponent = firstExponent(subject, settings);
  const first = await propagate(subject, settings, { manner: "plain", exponent }, key, available);
  const found = new Map(first);
  for (const pass of secondPasses(first, exponent)) {
    for (const [id, statistics] of await propagate(subject, settings, pass, key, available))
      found.set(id, better(first.get(id)!, statistics));
  }
  return found;
}
