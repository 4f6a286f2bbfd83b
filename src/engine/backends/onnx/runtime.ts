import { createRequire } from "node:module";
import type { Encoded } from "./graph.js";
import type { ElementType } from "./model.js";
import type { Elements } from "./stored.js";

/** Where graphs run: ONNX Runtime's name of it, and the threads of one operation on the CPU. */
export interface Provider {
  readonly name: "cpu" | "webgpu" | "cuda";
  readonly threads: number;
}

/** A tensor as ONNX Runtime's binding takes and gives it. */
export interface NativeTensor {
  readonly type: ElementType;
  readonly data: Elements;
  readonly dims: readonly number[];
  readonly location: "cpu";
}

/** Settings of a session, those of them that we use. */
export interface NativeOptions {
  readonly executionProviders: readonly (string | { readonly name: string })[];
  readonly intraOpNumThreads: number;
  readonly interOpNumThreads: number;
  readonly executionMode: "sequential";
  readonly graphOptimizationLevel: "all" | "disabled";
  readonly enableCpuMemArena: boolean;
  readonly enableMemPattern: boolean;
  readonly logSeverityLevel: number;
  readonly externalData?: Encoded["external"];
  readonly extra: Readonly<Record<string, unknown>>;
}

/** A loaded model; `run` returns when the outputs are there. */
export interface NativeSession {
  loadModel(buffer: ArrayBufferLike, offset: number, length: number, options: NativeOptions): void;
  run(
    feeds: Readonly<Record<string, NativeTensor>>,
    fetches: Readonly<Record<string, null>>,
    options: Readonly<Record<string, unknown>>,
  ): Readonly<Record<string, NativeTensor>>;
  dispose(): void;
}

interface Binding {
  readonly binding: { readonly InferenceSession: new () => NativeSession };
  initOrt(): void;
}

let loaded: Binding | undefined;

/**
 * ONNX Runtime's synchronous binding; its public interface answers only in promises, which kernels
 * cannot wait for.
 * Errors thrown: whatever the loader says when the package has no build for this machine.
 */
function binding(): Binding {
  if (loaded === undefined) {
    const require = createRequire(import.meta.url);
    const found = require("onnxruntime-node/dist/binding.js") as Binding;
    found.initOrt();
    loaded = found;
  }
  return loaded;
}

/** Loads ONNX Runtime, so that a missing build is known before the first operation. */
export function loadRuntime(): void {
  binding();
}

/**
 * Threads wait for work asleep: one pool belongs to each session, and idle pools must not steal
 * time.
 */
const sleeping = { session: { intra_op: { allow_spinning: "0" }, force_spinning_stop: "1" } };

/** Only what ends the program is printed by ONNX Runtime itself; its errors are thrown as well. */
const fatalOnly = 4;

/**
 * A session that runs an encoded graph. On the CPU our graphs are already what ONNX Runtime would
 * make of them, and its optimisation takes longer than a run; other providers want layouts of their
 * own.
 */
export function newSession(
  { model, external }: Encoded,
  { name, threads }: Provider,
): NativeSession {
  const session = new (binding().binding.InferenceSession)();
  session.loadModel(model.buffer, model.byteOffset, model.byteLength, {
    executionProviders: [name],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: name === "cpu" ? "disabled" : "all",
    enableCpuMemArena: true,
    // A pattern is one more block as large as all that a first run took, and no quicker.
    enableMemPattern: false,
    logSeverityLevel: fatalOnly,
    ...(external.length > 0 ? { externalData: external } : {}),
    extra: sleeping,
  });
  return session;
}
