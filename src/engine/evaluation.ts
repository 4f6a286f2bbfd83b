import * as tf from "./tf.js";

/** What a backend that runs whole graphs did since its counters were reset. */
export interface EngineCounters {
  /** Graphs run, and graphs compiled for it. */
  readonly runs: number;
  readonly compiled: number;
  /** Compiled graphs of which a GPU's provider left operations to the CPU. */
  readonly split: number;
  /** Operations as they were recorded, and as they were left in the graphs run. */
  readonly recorded: number;
  readonly nodes: number;
  /**
   * Milliseconds: choosing nodes, writing models, loading them, computing what follows from new
   * frozen tensors, running.
   */
  readonly lowerMilliseconds: number;
  readonly encodeMilliseconds: number;
  readonly loadMilliseconds: number;
  readonly fixedMilliseconds: number;
  readonly runMilliseconds: number;
  /** Bytes that went into graphs from outside, and that came out. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** Counters at the start. */
export function noCounters(): EngineCounters {
  return {
    runs: 0,
    compiled: 0,
    split: 0,
    recorded: 0,
    nodes: 0,
    lowerMilliseconds: 0,
    encodeMilliseconds: 0,
    loadMilliseconds: 0,
    fixedMilliseconds: 0,
    runMilliseconds: 0,
    bytesIn: 0,
    bytesOut: 0,
  };
}

/** An operation as it was recorded: the kernel, and what it reads by place in the list. */
export interface ExplainedOperation {
  /** Empty for tensors that are given. */
  readonly kernel: string;
  readonly shape: readonly number[];
  readonly inputs: readonly number[];
}

/** A node of a compiled graph; `domain` is empty for ONNX's own operations. */
export interface ExplainedNode {
  readonly operation: string;
  readonly domain: string;
  /** The recorded kernel that asked for it. */
  readonly label: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** How the backend would compute tensors. */
export interface Explanation {
  readonly operations: readonly ExplainedOperation[];
  readonly nodes: readonly ExplainedNode[];
}

/** A backend that records operations and runs them as graphs. */
export interface GraphBackend {
  evaluate(dataIds: readonly object[]): void;
  forecast(dataIds: readonly object[]): number;
  idleBytes(): number;
  explain(dataIds: readonly object[]): Explanation;
  setFrozen(dataIds: readonly object[], frozen: boolean): void;
  counters(): EngineCounters;
  resetCounters(): void;
}

function graphBackend(): GraphBackend | undefined {
  const backend = tf.engine().backend as Partial<GraphBackend>;
  return backend.evaluate === undefined ? undefined : (backend as GraphBackend);
}

/** Whether the current backend records operations and runs whole graphs. */
export function recordsGraphs(): boolean {
  return graphBackend() !== undefined;
}

const idsOf = (tensors: readonly tf.Tensor[]): object[] => tensors.map(({ dataId }) => dataId);

/**
 * Computes tensors in one run where the backend records operations; reading them afterwards costs
 * nothing. Other backends have computed them already.
 */
export function evaluate(tensors: readonly tf.Tensor[]): void {
  graphBackend()?.evaluate(idsOf(tensors));
}

/**
 * Bytes that computing tensors in one run will hold at its peak, frozen tensors included; nothing
 * runs. 0 on backends that have computed them already.
 */
export function forecastBytes(tensors: readonly tf.Tensor[]): number {
  return graphBackend()?.forecast(idsOf(tensors)) ?? 0;
}

/**
 * Estimate of the bytes that graphs hold which the backend frees before it compiles another one:
 * those whose frozen tensors are disposed.
 */
export function idleBytes(): number {
  return graphBackend()?.idleBytes() ?? 0;
}

/**
 * How tensors that were not read yet would be computed; nothing runs. Without operations on
 * backends that have computed them already.
 */
export function explain(tensors: readonly tf.Tensor[]): Explanation {
  return graphBackend()?.explain(idsOf(tensors)) ?? { operations: [], nodes: [] };
}

/**
 * Says that tensors keep their elements from run to run, so that what follows from them alone, such
 * as filters in another layout, is computed once. Backends that record nothing ignore it.
 */
export function freeze(tensors: readonly tf.Tensor[]): void {
  graphBackend()?.setFrozen(idsOf(tensors), true);
}

/** Undoes `freeze`. */
export function thaw(tensors: readonly tf.Tensor[]): void {
  graphBackend()?.setFrozen(idsOf(tensors), false);
}

/** What the current backend did; zeros for backends that record nothing. */
export function counters(): EngineCounters {
  return graphBackend()?.counters() ?? noCounters();
}

/** Starts the counters of the current backend anew. */
export function resetCounters(): void {
  graphBackend()?.resetCounters();
}

let place = "";

/** Where in the network operations are being recorded; empty outside. */
export function currentPlace(): string {
  return place;
}

const told = new WeakSet<Error>();

/** Says once where in the network an operation failed that a message does not tell of. */
function tellPlace(thrown: unknown): void {
  if (!(thrown instanceof Error) || told.has(thrown)) return;
  told.add(thrown);
  if (!thrown.message.includes(place)) thrown.message = `${place}: ${thrown.message}`;
}

/**
 * Runs `work` as the part `name` of what runs around it; messages of failures name the whole path.
 */
export function within<Result>(name: string, work: () => Result): Result {
  const before = place;
  place = before === "" ? name : `${before}.${name}`;
  try {
    return work();
  } catch (thrown) {
    tellPlace(thrown);
    throw thrown;
  } finally {
    place = before;
  }
}
