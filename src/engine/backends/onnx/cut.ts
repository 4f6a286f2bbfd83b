import * as tf from "../../tf.js";
import type { Stored } from "./stored.js";
import { isElementType, recordedOf, sizeOf, uniformOf } from "./stored.js";

/** How a tensor that is already known enters a graph. */
export type Leaf = "frozen" | "uniform" | "scalar" | "input";

/** The part of what was recorded that one run computes. */
export interface Cut {
  /** Everything that takes part, each after what it depends on; equal operations once. */
  readonly order: readonly Stored[];
  /** Where each tensor stands in the order; tensors of equal operations stand in one place. */
  readonly place: ReadonlyMap<Stored, number>;
  /** What the run hands out. */
  readonly wanted: ReadonlySet<Stored>;
  /** Places of what only later runs need, which may stay where it was computed. */
  readonly unread: ReadonlySet<number>;
  /** Equal for graphs that differ in elements of tensors only. */
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
  const form = `${stored.type[0]}${stored.shape}`;
  return leaf === "uniform" ? `u${uniformOf(stored)}:${form}` : `${leaf[0]}${form}`;
}

/** An operation and what it is applied to. */
function operationKey(stored: Stored, place: ReadonlyMap<Stored, number>): string | undefined {
  const recorded = recordedOf(stored);
  if (recorded === undefined) return undefined;
  const inputs = recorded.inputs.map((input) => place.get(input));
  return `${recorded.kernel}${recorded.plan.key}(${inputs})`;
}

/** Equal operations on equal inputs take one place, so that they are computed once. */
function placed(all: readonly Stored[]) {
  const place = new Map<Stored, number>();
  const known = new Map<string, number>();
  const order: Stored[] = [];
  const parts: string[] = [];
  for (const stored of all) {
    const operation = operationKey(stored, place);
    const found = operation === undefined ? undefined : known.get(operation);
    place.set(stored, found ?? order.length);
    if (found !== undefined) continue;
    if (operation !== undefined) known.set(operation, order.length);
    order.push(stored);
    parts.push(operation ?? leafKey(stored));
  }
  return { place, order, parts };
}

/** What has to be computed for the tensors asked for; undefined when all are known. */
export function cut(
  asked: readonly Stored[],
  held: (dataId: object) => Stored | undefined,
): Cut | undefined {
  const pending = asked.filter((stored) => recordedOf(stored) !== undefined);
  if (pending.length === 0) return undefined;
  const wanted = new Set([...pending, ...waitingVariables(held)]);
  const all = inOrder(wanted);
  for (const stored of computedBefore(all)) wanted.add(stored);
  const { place, order, parts } = placed(all);
  const places = [...wanted].map((stored) => place.get(stored)!);
  const read = new Set(pending.map((stored) => place.get(stored)!));
  const unread = new Set(places.filter((at) => !read.has(at)));
  const key = `${parts.join(";")}>${places}~${[...unread]}`;
  return { order, place, wanted, unread, key };
}

const bytesPerElement = { float32: 4, int32: 4, bool: 1 } as const;

function bytesOf(stored: Stored): number {
  return isElementType(stored.type) ? sizeOf(stored) * bytesPerElement[stored.type] : 0;
}

/** How many operations and outputs use what stands in each place. */
export function usesOf({ order, place, wanted }: Cut): readonly number[] {
  const uses = order.map((): number => 0);
  const count = (stored: Stored): void => {
    uses[place.get(stored)!]! += 1;
  };
  for (const stored of order) for (const input of recordedOf(stored)?.inputs ?? []) count(input);
  for (const stored of wanted) count(stored);
  return uses;
}

/**
 * Bytes alive at once when a cut is computed in order and every value is freed after its last use.
 * Views and what one operation makes inside are not known here.
 */
export function peakBytes({ order, place, wanted }: Cut): number {
  const lastUse = new Map<number, number>();
  for (const [i, stored] of order.entries()) {
    for (const input of recordedOf(stored)?.inputs ?? []) lastUse.set(place.get(input)!, i);
  }
  const kept = new Set([...wanted].map((stored) => place.get(stored)!));
  const freed = order.map((): number => 0);
  for (const [used, i] of lastUse) {
    const stored = order[used]!;
    if (!kept.has(used) && recordedOf(stored) !== undefined) freed[i]! += bytesOf(stored);
  }
  let [alive, peak] = [0, 0];
  for (const [i, stored] of order.entries()) {
    alive += bytesOf(stored);
    peak = Math.max(peak, alive);
    alive -= freed[i]!;
  }
  return peak;
}
