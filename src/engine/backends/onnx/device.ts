import { MachineError, messageOf } from "../../../core/errors.js";
import type { Encoded } from "./graph.js";
import { newGraph } from "./graph.js";
import { machineFailure } from "./machine-failure.js";
import type { DeviceTensor, NativeSession, Provider } from "./runtime.js";
import { elementsIn, loadSession } from "./runtime.js";
import type { Elements, Stored } from "./stored.js";
import { recordedOf } from "./stored.js";

/** Elements that lie in a GPU's memory; several tensors may share them. */
export interface DeviceElements {
  readonly tensor: DeviceTensor;
  /** Gives another owner's word that it holds the elements. */
  share(): DeviceElements;
  /** Takes an owner's word back; without owners the memory is freed. */
  release(): void;
}

/** A session, and the elements in a GPU's memory that came out of it. */
export interface Source {
  /** Elements of an output, without an owner yet. */
  elements(tensor: DeviceTensor): DeviceElements;
  /** Frees the session as soon as all its elements are freed. */
  retire(): void;
}

/** Sources with elements: what is collected before its elements ends the process. */
const sources = new Set<Source>();

/**
 * A session's memory on a GPU goes back into the session's own store, and the process ends where
 * that is gone; hence a session outlives what came out of it.
 */
export function sourceOf(session: NativeSession): Source {
  let alive = 0;
  let retired = false;
  const settle = (): void => {
    if (alive > 0) return;
    sources.delete(source);
    if (retired) session.dispose();
  };
  const source: Source = {
    elements: (tensor) => {
      alive++;
      sources.add(source);
      return elementsOf(tensor, () => {
        alive--;
        settle();
      });
    },
    retire: () => {
      retired = true;
      settle();
    },
  };
  return source;
}

function elementsOf(tensor: DeviceTensor, freed: () => void): DeviceElements {
  let owners = 0;
  const held: DeviceElements = {
    tensor,
    share: () => {
      owners++;
      return held;
    },
    release: () => {
      owners--;
      if (owners > 0) return;
      tensor.dispose();
      freed();
    },
  };
  return held;
}

/** A graph that hands out what it is fed, of any length. */
function copying(): { readonly encoded: Encoded; readonly from: string; readonly to: string } {
  const graph = newGraph(0, true);
  const from = graph.input([-1]);
  const to = graph.node("Identity", [from]);
  const encoded = graph.encode([{ value: to, shape: [-1], type: "float32" }]);
  return { encoded, from, to };
}

const readers = new Map<Provider["name"], (tensor: DeviceTensor) => Elements>();

function readerOf(provider: Provider): (tensor: DeviceTensor) => Elements {
  const { encoded, from, to } = copying();
  const session: NativeSession = loadSession(encoded, provider).session;
  return ({ type, dims, location, gpuBuffer }) => {
    const flat = [dims.reduce((size, axis) => size * axis, 1)];
    const fed = { type, dims: flat, location, gpuBuffer };
    return elementsIn(session.run({ [from]: fed }, { [to]: null }, {}), to);
  };
}

/**
 * A copy of elements on a GPU. ONNX Runtime's own way to read them ends the process, so they run
 * through a graph whose output lies in the machine's memory.
 * Errors thrown: `MachineError` when the GPU is lost.
 */
export function download({ tensor }: DeviceElements, provider: Provider): Elements {
  try {
    const reader = readers.get(provider.name) ?? readerOf(provider);
    readers.set(provider.name, reader);
    return reader(tensor);
  } catch (thrown) {
    const machine = machineFailure(messageOf(thrown));
    throw machine === undefined ? thrown : new MachineError(`reading a tensor failed: ${machine}`);
  }
}

/** Frees what a tensor holds on a GPU. */
function releaseDevice(stored: Stored): void {
  if (stored.content.kind !== "device") return;
  stored.content.elements.release();
  stored.content = { kind: "elements", elements: new Float32Array(0) };
}

/** Every tensor that operations still wait for. */
function awaited(held: Iterable<Stored>): ReadonlySet<Stored> {
  const seen = new Set<Stored>();
  const stack = [...held].filter((stored) => recordedOf(stored) !== undefined);
  while (stack.length > 0) {
    for (const input of recordedOf(stack.pop()!)?.inputs ?? []) {
      if (seen.has(input)) continue;
      seen.add(input);
      stack.push(input);
    }
  }
  return seen;
}

/** Tensors on a GPU that nobody can read any more, until no operation waits for them. */
export interface Doomed {
  add(stored: Stored): void;
  /** Frees those that no operation of the held tensors waits for. */
  sweep(held: Iterable<Stored>): void;
}

/** An empty store of doomed tensors. */
export function newDoomed(): Doomed {
  const doomed = new Set<Stored>();
  return {
    add: (stored) => {
      if (stored.content.kind === "device") doomed.add(stored);
    },
    sweep: (held) => {
      if (doomed.size === 0) return;
      const needed = awaited(held);
      for (const stored of doomed) {
        if (needed.has(stored)) continue;
        doomed.delete(stored);
        releaseDevice(stored);
      }
    },
  };
}
