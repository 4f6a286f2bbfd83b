import { MachineError, messageOf } from "../../../core/errors.js";
import type { ElementType, Graph, Value } from "./graph.js";
import { newGraph } from "./graph.js";
import type { Elements, NativeSession, NativeTensor } from "./runtime.js";
import { newSession } from "./runtime.js";

/** The shape and element type of something that enters or leaves a graph. */
export interface Signature {
  readonly shape: readonly number[];
  readonly type: ElementType;
}

/** Work for one graph: it can be appended to any graph that holds its inputs. */
export interface Work {
  /** The TensorFlow.js kernel, for messages. */
  readonly name: string;
  /** Operation and attributes; with the shapes of the inputs it stands for the graph. */
  readonly key: string;
  readonly output: Signature;
  append(graph: Graph, inputs: readonly Value[]): Value;
}

/** Sessions kept; the least recently used goes first. */
const mostSessions = 512;

/**
 * Bytes that kept sessions may hold for values between their nodes; the estimate is theirs below.
 */
const mostScratchBytes = 2 ** 31;

interface Entry {
  readonly session: NativeSession;
  readonly inputs: readonly Value[];
  readonly output: Value;
  readonly scratchBytes: number;
}

const entries = new Map<string, Entry>();
let scratchBytes = 0;
let threads = 1;

/** Threads of the sessions from now on; sessions with another number are dropped. */
export function setThreads(count: number): void {
  if (count !== threads) dropSessions();
  threads = count;
}

/** Frees every session. */
export function dropSessions(): void {
  for (const key of [...entries.keys()]) drop(key);
}

/** Number of sessions kept, and the bytes they are estimated to hold. */
export function sessionUse(): { readonly sessions: number; readonly bytes: number } {
  return { sessions: entries.size, bytes: scratchBytes };
}

function drop(key: string): void {
  const entry = entries.get(key);
  if (entry === undefined) return;
  entries.delete(key);
  scratchBytes -= entry.scratchBytes;
  entry.session.dispose();
}

/**
 * Values between nodes are about as large as what enters and leaves; each is held in 4 bytes an
 * element.
 */
function scratchOf(signatures: readonly Signature[]): number {
  const size = ({ shape }: Signature) => shape.reduce((product, axis) => product * axis, 4);
  return signatures.reduce((sum, one) => sum + size(one), 0);
}

function build(work: Work, signatures: readonly Signature[]): Entry {
  const graph = newGraph();
  const inputs = signatures.map(({ shape, type }) => graph.input(shape, type));
  const output = work.append(graph, inputs);
  const model = graph.encode([{ value: output, ...work.output }]);
  const scratch = scratchOf([...signatures, work.output]);
  return { session: newSession(model, threads), inputs, output, scratchBytes: scratch };
}

function makeRoom(): void {
  for (const key of entries.keys()) {
    if (entries.size < mostSessions && scratchBytes < mostScratchBytes) return;
    drop(key);
  }
}

function entryOf(key: string, work: Work, signatures: readonly Signature[]): Entry {
  const found = entries.get(key);
  if (found !== undefined) {
    entries.delete(key);
    entries.set(key, found);
    return found;
  }
  makeRoom();
  const entry = build(work, signatures);
  scratchBytes += entry.scratchBytes;
  entries.set(key, entry);
  return entry;
}

function failure(work: Work, signatures: readonly Signature[], thrown: unknown): Error {
  const shapes = signatures.map(({ shape }) => `[${shape.join(", ")}]`).join(" and ");
  const text = `${work.name} of ${shapes} failed in ONNX Runtime: ${messageOf(thrown)}`;
  return /alloc|memory/i.test(text) ? new MachineError(text) : new Error(text, { cause: thrown });
}

/**
 * Runs one piece of work as a graph of its own and gives the elements of its output.
 * Errors thrown: `MachineError` when memory runs out, else `Error`; both name the operation and
 * shapes.
 */
export function runAtOnce(
  work: Work,
  signatures: readonly Signature[],
  elements: readonly Elements[],
): Elements {
  const key = `${work.key}|${signatures.map(({ shape, type }) => `${type[0]}${shape}`).join("|")}`;
  try {
    const { session, inputs, output } = entryOf(key, work, signatures);
    const feeds: Record<string, NativeTensor> = {};
    for (const [i, { shape, type }] of signatures.entries()) {
      feeds[inputs[i]!] = { type, data: elements[i]!, dims: shape, location: "cpu" };
    }
    return session.run(feeds, { [output]: null }, {})[output]!.data;
  } catch (thrown) {
    throw failure(work, signatures, thrown);
  }
}
