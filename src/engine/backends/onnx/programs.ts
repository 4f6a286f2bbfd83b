import { MachineError, messageOf } from "../../../core/errors.js";
import type { EngineCounters } from "../../evaluation.js";
import { noCounters } from "../../evaluation.js";
import type { Cut } from "./cut.js";
import type { Program } from "./program.js";
import { compile, elementsOf, run } from "./program.js";
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
  /** Frees the programs that hold a tensor. */
  dropThoseWith(stored: Stored): void;
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

/** ONNX Runtime names the node that failed, and we name nodes by kernel and signal. */
function failure(thrown: unknown, cut: Cut): Error {
  const message = messageOf(thrown);
  const node = /(?:Name:'|node \()\d+ ([^')]*)/.exec(message)?.[1];
  const where = node === undefined ? `a graph of ${cut.order.length} operations` : node;
  const shapes = node === undefined ? "" : shapesOf(cut, node);
  const text = `${where}${shapes} failed in ONNX Runtime: ${message.split("\n")[0]}`;
  return /alloc|memory/i.test(message)
    ? new MachineError(text)
    : new Error(text, { cause: thrown });
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

/** An empty store of programs for a provider. */
export function newPrograms(provider: () => Provider): Programs {
  const entries = new Map<string, Entry>();
  let bytes = 0;
  let counters = noCounters();

  const drop = (key: string): void => {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    bytes -= entry.program.bytes;
    entry.program.session.dispose();
  };
  const makeRoom = (): void => {
    for (const key of entries.keys()) {
      if (entries.size < mostPrograms && bytes < mostBytes) return;
      drop(key);
    }
  };
  const build = (cut: Cut, changing: Set<number>): Entry => {
    drop(cut.key);
    makeRoom();
    const { program, times } = compile(cut, changing, provider());
    counters = {
      ...counters,
      compiled: counters.compiled + 1,
      lowerMilliseconds: counters.lowerMilliseconds + times.lower,
      encodeMilliseconds: counters.encodeMilliseconds + times.encode,
      loadMilliseconds: counters.loadMilliseconds + times.load,
    };
    bytes += program.bytes;
    return { program, changing };
  };
  const entryOf = (cut: Cut): Entry => {
    const found = entries.get(cut.key);
    if (found === undefined) return build(cut, new Set());
    const news = changed(found, cut);
    return news.length === 0 ? found : build(cut, new Set([...found.changing, ...news]));
  };
  const runEntry = ({ program }: Entry, cut: Cut): void => {
    const { milliseconds, bytesIn, bytesOut } = run(program, cut);
    counters = {
      ...counters,
      runs: counters.runs + 1,
      recorded: counters.recorded + cut.place.size,
      nodes: counters.nodes + program.nodes,
      runMilliseconds: counters.runMilliseconds + milliseconds,
      bytesIn: counters.bytesIn + bytesIn,
      bytesOut: counters.bytesOut + bytesOut,
    };
  };

  return {
    compute(cut) {
      try {
        const entry = entryOf(cut);
        entries.delete(cut.key);
        entries.set(cut.key, entry);
        runEntry(entry, cut);
      } catch (thrown) {
        throw failure(thrown, cut);
      }
      for (const stored of cut.place.keys()) if (recordedOf(stored) !== undefined) stored.runs++;
    },
    dropThoseWith(stored) {
      for (const [key, { program }] of entries) if (program.frozen.includes(stored)) drop(key);
    },
    clear() {
      for (const key of [...entries.keys()]) drop(key);
    },
    use: () => ({ sessions: entries.size, bytes }),
    counters: () => counters,
    resetCounters() {
      counters = noCounters();
    },
  };
}
