import type { Parts } from "./graph.js";
import type { Constant, ElementType, Value } from "./model.js";
import type { HostTensor, NativeSession } from "./runtime.js";
import { hostTensor, loadSession } from "./runtime.js";
import type { Elements, Stored } from "./stored.js";

/** A graph's input and the place, in the order of a cut, of the tensor that it is fed. */
export interface Feed {
  readonly value: Value;
  readonly place: number;
}

/** Elements of a known tensor that is not uniform. */
export function elementsOf({ content }: Stored): Elements {
  if (content.kind !== "elements") throw new Error(`a ${content.kind} tensor has no elements`);
  return content.elements;
}

/** A known tensor as ONNX Runtime is fed it. */
export function fed(stored: Stored): HostTensor {
  const { shape, type } = stored;
  return { type: type as ElementType, data: elementsOf(stored), dims: shape, location: "cpu" };
}

/** Frozen tensors of a program and what follows from them alone, such as filters laid out. */
export interface Fixed {
  /** Whether what is known belongs to the frozen tensors of this order. */
  isOf(order: readonly Stored[]): boolean;
  /** Whether a tensor is among those that what is known belongs to. */
  includes(stored: Stored): boolean;
  /** What the graph is fed for the frozen tensors of an order; computed where they are new. */
  values(order: readonly Stored[]): Readonly<Record<Value, HostTensor>>;
  /** Forgets the frozen tensors, but keeps the memory for the next ones. */
  forget(): void;
  /** Frees everything. */
  dispose(): void;
}

/** What one choice of frozen tensors gave. */
interface Known {
  readonly of: readonly Stored[];
  readonly values: Readonly<Record<Value, HostTensor>>;
}

/** Runs the fixed part of a graph; its outputs lie where the ones before lay. */
function newRunner({ fixed, values }: Parts, threads: number) {
  let session: NativeSession | undefined;
  let results: Readonly<Record<Value, HostTensor>> | undefined;
  const nowhere = Object.fromEntries(values.map((value) => [value, null]));
  return {
    run(inputs: Readonly<Record<Value, HostTensor>>): Readonly<Record<Value, HostTensor>> {
      if (fixed === undefined) return {};
      session ??= loadSession(fixed, { name: "cpu", threads }).session;
      const needed = Object.entries(inputs).filter(([value]) => fixed.inputs.has(value));
      const made = session.run(Object.fromEntries(needed), results ?? nowhere, {});
      results ??= Object.fromEntries(values.map((value) => [value, hostTensor(made, value)]));
      return results;
    },
    dispose(): void {
      session?.dispose();
      session = undefined;
      results = undefined;
    },
  };
}

/** The fixed part of a graph whose frozen tensors are `feeds`. */
export function newFixed(parts: Parts, feeds: readonly Feed[], threads: number): Fixed {
  const runner = newRunner(parts, threads);
  let known: Known | undefined;
  const tensorsOf = (order: readonly Stored[]) => feeds.map(({ place }) => order[place]!);
  const isOf = (order: readonly Stored[]): boolean => {
    const tensors = tensorsOf(order);
    return known === undefined
      ? feeds.length === 0
      : known.of.every((one, i) => one === tensors[i]);
  };
  return {
    isOf,
    includes: (stored) => known?.of.includes(stored) ?? false,
    values(order) {
      if (known !== undefined && isOf(order)) return known.values;
      const of = tensorsOf(order);
      const own = Object.fromEntries(feeds.map(({ value }, i) => [value, fed(of[i]!)]));
      known = undefined;
      known = { of, values: { ...own, ...runner.run(own) } };
      return known.values;
    },
    forget: () => {
      known = undefined;
    },
    dispose: () => {
      known = undefined;
      runner.dispose();
    },
  };
}

/** Values as constants that a graph holds. */
export function asConstants(values: Readonly<Record<Value, HostTensor>>): readonly Constant[] {
  return Object.entries(values).map(([value, { data, dims, type }]) => {
    return { value, elements: data, shape: dims, type };
  });
}
