import * as tf from "../../tf.js";
import type { Stored } from "./stored.js";
import { isElementType, recordedOf, sizeOf, uniformOf } from "./stored.js";

/** How a tensor that is already known enters a graph. */
export type Leaf = "frozen" | "uniform" | "scalar" | "input";

/** The part of what was recorded that one run computes. */
export interface Cut {
  /** Everything that takes part, each after what it depends on. */
  readonly order: readonly Stored[];
  readonly place: ReadonlyMap<Stored, number>;
  /** What the run hands out. */
  readonly wanted: ReadonlySet<Stored>;
  /** Equal for graphs that differ in elements of inputs and in scalars only. */
  readonly key: string;
}

/** How a known tensor enters a graph. */
export function leafOf(stored: Stored): Leaf {
  if (stored.frozen) return "frozen";
  if (stored.content.kind === "uniform") return "uniform";
  return stored.shape.length === 0 ? "scalar" : "input";
}

/** Variables whose new value waits: they are computed along, or their past would grow for ever. */
function waitingVariables(held: (dataId: object) => Stored | undefined): Stored[] {
  return Object.values(tf.engine().registeredVariables)
    .map(({ dataId }) => held(dataId))
    .filter((stored) => stored !== undefined)
    .filter((stored) => recordedOf(stored) !== undefined);
}

/** Depth first without recursion, as graphs are thousands of operations deep. */
function inOrder(roots: Iterable<Stored>): Stored[] {
  const order: Stored[] = [];
  const seen = new Set<Stored>();
  const stack: { stored: Stored; next: number }[] = [];
  const visit = (stored: Stored): void => {
    if (seen.has(stored)) return;
    seen.add(stored);
    stack.push({ stored, next: 0 });
  };
  for (const root of roots) {
    visit(root);
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const inputs = recordedOf(top.stored)?.inputs ?? [];
      if (top.next < inputs.length) visit(inputs[top.next++]!);
      else order.push(stack.pop()!.stored);
    }
  }
  return order;
}

/** What was computed and dropped before, can still be read, and is needed anew: kept this time. */
function computedBefore(order: readonly Stored[]): Stored[] {
  return order
    .filter((stored) => stored.runs === 0)
    .flatMap((stored) => recordedOf(stored)?.inputs ?? [])
    .filter((input) => input.runs > 0 && input.references > 0)
    .filter((input) => recordedOf(input) !== undefined);
}

function leafKey(stored: Stored): string {
  const leaf = leafOf(stored);
  if (leaf === "frozen") return `c${stored.id}`;
  const form = `${stored.type[0]}${stored.shape}`;
  return leaf === "uniform" ? `u${uniformOf(stored)}:${form}` : `${leaf[0]}${form}`;
}

function keyOf(
  order: readonly Stored[],
  place: ReadonlyMap<Stored, number>,
  wanted: ReadonlySet<Stored>,
): string {
  const parts = order.map((stored) => {
    const recorded = recordedOf(stored);
    if (recorded === undefined) return leafKey(stored);
    const inputs = recorded.inputs.map((input) => place.get(input));
    return `${recorded.kernel}${recorded.plan.key}(${inputs})`;
  });
  return `${parts.join(";")}>${[...wanted].map((stored) => place.get(stored))}`;
}

/** What has to be computed for the tensors asked for; undefined when all are known. */
export function cut(
  asked: readonly Stored[],
  held: (dataId: object) => Stored | undefined,
): Cut | undefined {
  const pending = asked.filter((stored) => recordedOf(stored) !== undefined);
  if (pending.length === 0) return undefined;
  const wanted = new Set([...pending, ...waitingVariables(held)]);
  const order = inOrder(wanted);
  for (const stored of computedBefore(order)) wanted.add(stored);
  const place = new Map(order.map((stored, i) => [stored, i]));
  return { order, place, wanted, key: keyOf(order, place, wanted) };
}

const bytesPerElement = { float32: 4, int32: 4, bool: 1 } as const;

function bytesOf(stored: Stored): number {
  return isElementType(stored.type) ? sizeOf(stored) * bytesPerElement[stored.type] : 0;
}

/**
 * Bytes alive at once when a cut is computed in order and every value is freed after its last use.
 * Views and what one operation makes inside are not known here.
 */
export function peakBytes({ order, place, wanted }: Cut): number {
  const lastUse = new Map<Stored, number>();
  for (const [i, stored] of order.entries()) {
    for (const input of recordedOf(stored)?.inputs ?? []) lastUse.set(input, i);
  }
  const freed = order.map((): number => 0);
  for (const [stored, i] of lastUse) {
    const kept = wanted.has(stored) || recordedOf(stored) === undefined;
    if (!kept && place.has(stored)) freed[i]! += bytesOf(stored);
  }
  let [alive, peak] = [0, 0];
  for (const [i, stored] of order.entries()) {
    alive += bytesOf(stored);
    peak = Math.max(peak, alive);
    alive -= freed[i]!;
  }
  return peak;
}
