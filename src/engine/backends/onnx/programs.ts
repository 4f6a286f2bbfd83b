import { MachineError, messageOf } from "../../../core/errors.js";
import type { EngineCounters, Explanation } from "../../evaluation.js";
import { noCounters } from "../../evaluation.js";
import type { Cut } from "./cut.js";
import { peakBytes } from "./cut.js";
import { elementsOf } from "./fixed.js";
import { machineFailure } from "./machine-failure.js";
import type { Program } from "./program.js";
import { compile, explain, run } from "./program.js";
import type { Provider } from "./runtime.js";
import type { Stored } from "./stored.js";
import { recordedOf } from "./stored.js";

/** Programs kept; the least recently used goes first. */
const mostPrograms = 256;

/** Bytes that kept programs may hold, by their estimate; the one in use may hold more. */
const mostBytes = 2 ** 31;

/** Compiled graphs by structure. */
export interface Programs {
  /** Computes a cut. Errors thrown: `MachineError` when memory runs out, else `Error`. */
  compute(cut: Cut): void;
  /** How a cut would be computed. */
  explain(cut: Cut): Explanation;
  /** Forgets a tensor that programs hold; they are freed before the next one is compiled. */
  forget(stored: Stored): void;
  /** Estimate of the bytes of programs that wait for that. */
  idleBytes(): number;
  /** Frees every program. */
  clear(): void;
  /** Number of programs kept, and the bytes they are estimated to hold. */
  use(): { readonly sessions: number; readonly bytes: number };
  counters(): EngineCounters;
  resetCounters(): void;
}

interface Entry {
  program: Program;
  /** Places of scalars that were seen to change. */
  readonly changing: Set<number>;
}

/** How ONNX Runtime names a node: as it runs, as it is loaded, and as one that it does not know. */
const namedNode = /(?:Name:'|node \(|node, \(")\d+ ([^')"]*)/i;

/** ONNX Runtime names the node that failed, and we name nodes by kernel and signal. */
function failure(thrown: unknown, cut: Cut): Error {
  const message = messageOf(thrown);
  const node = namedNode.exec(message)?.[1];
  const where = node === undefined ? `a graph of ${cut.order.length} operations` : node;
  const shapes = node === undefined ? "" : shapesOf(cut, node);
  const machine = machineFailure(message);
  const said = machine ?? message.split("\n")[0];
  const text = `${where}${shapes} failed in ONNX Runtime: ${said}`;
  return machine === undefined ? new Error(text, { cause: thrown }) : new MachineError(text);
}

/** Shapes that the first operation of that name reads. */
function shapesOf({ order }: Cut, node: string): string {
  for (const stored of order) {
    const recorded = recordedOf(stored);
    if (recorded === undefined) continue;
    const { kernel, place, inputs } = recorded;
    if (node !== (place === "" ? kernel : `${kernel} in ${place}`)) continue;
    return ` of ${inputs.map(({ shape }) => `[${shape.join(", ")}]`).join(" and ")}`;
  }
  return "";
}

/** Places of baked scalars whose value is another one now. */
function changed({ program }: Entry, { order }: Cut): readonly number[] {
  return [...program.baked]
    .filter(([place, value]) => !Object.is(elementsOf(order[place]!)[0], value))
    .map(([place]) => place);
}

/** Whether a program can take the frozen tensors of a cut: it is fed them, or holds these. */
function fits({ fixed, holdsFixed }: Program, { order }: Cut): boolean {
  return !holdsFixed || fixed.isOf(order);
}

/** Programs by key; the least recently used goes first when there is no room. */
function newStore() {
  const entries = new Map<string, Entry>();
  /** Those whose frozen tensors are gone: they only wait for others of the same shapes. */
  const idle = new Set<string>();
  let bytes = 0;
  const drop = (key: string): void => {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    bytes -= entry.program.bytes;
    idle.delete(key);
    entry.program.fixed.dispose();
    entry.program.source.retire();
  };
  const isRoom = (more: number): boolean =>
    entries.size < mostPrograms && bytes + more <= mostBytes;
  return {
    drop,
    get: (key: string) => entries.get(key),
    /** Forgets a frozen tensor; programs that held it are idle from now on. */
    forget(stored: Stored): void {
      for (const [key, { program }] of entries) {
        if (!program.fixed.includes(stored)) continue;
        program.fixed.forget();
        idle.add(key);
      }
    },
    idleBytes: () => [...idle].reduce((sum, key) => sum + entries.get(key)!.program.bytes, 0),
    clear(): void {
      for (const key of entries.keys()) drop(key);
    },
    /** Frees idle programs, and others until there is room for one of that many bytes. */
    makeRoom(more: number): void {
      for (const key of idle) drop(key);
      for (const key of entries.keys()) {
        if (isRoom(more)) return;
        drop(key);
      }
    },
    /** Keeps a program as the one used last. */
    keep(key: string, entry: Entry): void {
      idle.delete(key);
      if (!entries.delete(key)) bytes += entry.program.bytes;
      entries.set(key, entry);
    },
    use: () => ({ sessions: entries.size, bytes }),
  };
}

/** Sums of what compilations and runs took. */
function newCounting() {
  let counters = noCounters();
  const add = (more: Partial<EngineCounters>): void => {
    const names = Object.keys(more) as (keyof EngineCounters)[];
    const sums = names.map((name) => [name, counters[name] + more[name]!]);
    counters = { ...counters, ...Object.fromEntries(sums) };
  };
  return {
    add,
    read: () => counters,
    reset: () => {
      counters = noCounters();
    },
  };
}

/** An empty store of programs for a provider. */
export function newPrograms(provider: () => Provider): Programs {
  const store = newStore();
  const counting = newCounting();
  const build = (cut: Cut, changing: Set<number>): Entry => {
    store.drop(cut.key);
    store.makeRoom(peakBytes(cut));
    const { program, times } = compile(cut, changing, provider());
    counting.add({
      compiled: 1,
      split: program.split ? 1 : 0,
      lowerMilliseconds: times.lower,
      encodeMilliseconds: times.encode,
      loadMilliseconds: times.load,
    });
    return { program, changing };
  };
  const entryOf = (cut: Cut): Entry => {
    const found = store.get(cut.key);
    if (found === undefined) return build(cut, new Set());
    const news = changed(found, cut);
    return news.length === 0 && fits(found.program, cut)
      ? found
      : build(cut, new Set([...found.changing, ...news]));
  };
  const runEntry = (cut: Cut): void => {
    const entry = entryOf(cut);
    store.keep(cut.key, entry);
    const { milliseconds, fixedMilliseconds, bytesIn, bytesOut } = run(entry.program, cut);
    counting.add({
      runs: 1,
      recorded: cut.place.size,
      nodes: entry.program.nodes,
      fixedMilliseconds,
      runMilliseconds: milliseconds,
      bytesIn,
      bytesOut,
    });
  };
  return {
    compute(cut) {
      try {
        runEntry(cut);
      } catch (thrown) {
        throw failure(thrown, cut);
      }
      for (const stored of cut.place.keys()) if (recordedOf(stored) !== undefined) stored.runs++;
    },
    explain: (cut) => explain(cut, provider()),
    forget: store.forget,
    idleBytes: store.idleBytes,
    clear: store.clear,
    use: store.use,
    counters: counting.read,
    resetCounters: counting.reset,
  };
}
