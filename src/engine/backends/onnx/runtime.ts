import { createRequire } from "node:module";
import { messageOf } from "../../../core/errors.js";
import type { Encoded } from "./graph.js";
import { home } from "./home.js";
import type { ElementType } from "./model.js";
import type { Elements } from "./stored.js";

/** Where graphs run: ONNX Runtime's name of it, and the threads of one operation on the CPU. */
export interface Provider {
  readonly name: "cpu" | "webgpu" | "cuda";
  readonly threads: number;
}

/** A tensor in the machine's memory as ONNX Runtime's binding takes and gives it. */
export interface HostTensor {
  readonly type: ElementType;
  readonly data: Elements;
  readonly dims: readonly number[];
  readonly location: "cpu";
}

/** A tensor in a GPU's memory as the binding takes it; it must not be used after `dispose`. */
export interface FedDeviceTensor {
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly location: "gpu-buffer";
  readonly gpuBuffer: object;
}

/** A tensor in a GPU's memory as the binding gives it. */
export interface DeviceTensor extends FedDeviceTensor {
  dispose(): void;
}

/** A tensor as a run gives it. */
export type NativeTensor = HostTensor | DeviceTensor;

type Results = Readonly<Record<string, NativeTensor>>;

/** An output in the machine's memory. */
export function hostTensor(results: Results, output: string): HostTensor {
  const result = results[output];
  if (result?.location === "cpu") return result;
  throw new Error(`output ${output} of a graph is not in the machine's memory`);
}

/** The elements of an output in the machine's memory. */
export function elementsIn(results: Results, output: string): Elements {
  return hostTensor(results, output).data;
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
  readonly preferredOutputLocation?: Readonly<Record<string, "gpu-buffer">>;
  readonly extra: Readonly<Record<string, unknown>>;
}

/** A loaded model; `run` returns when the outputs are there. */
export interface NativeSession {
  loadModel(buffer: ArrayBufferLike, offset: number, length: number, options: NativeOptions): void;
  run(
    feeds: Readonly<Record<string, HostTensor | FedDeviceTensor>>,
    /** Tensors to write outputs into; null for new ones. */
    fetches: Readonly<Record<string, HostTensor | null>>,
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
 * What fails is thrown with its reason; the library's own lines on stderr would say it again. And
 * it keeps to itself: since 1.30 it writes down its use in the user's cache folder and sends it to
 * its makers, unless that is switched off before it is loaded.
 */
function silence(require: NodeJS.Require): void {
  process.env["ORT_DISABLE_TELEMETRY"] = "1";
  const beside = createRequire(require.resolve("onnxruntime-node/package.json"));
  const { env } = beside("onnxruntime-common") as { env: { logLevel?: string } };
  env.logLevel = "fatal";
}

/**
 * ONNX Runtime's synchronous binding; its public interface answers only in promises, which kernels
 * cannot wait for.
 * Errors thrown: whatever the loader says when the package has no build for this machine.
 */
function binding(): Binding {
  if (loaded === undefined) {
    const require = home();
    silence(require);
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
const sleeping = { intra_op: { allow_spinning: "0" }, force_spinning_stop: "1" };

/** Only what ends the program is printed by ONNX Runtime itself; its errors are thrown as well. */
const fatalOnly = 4;

/** A loaded graph. */
export interface Loaded {
  readonly session: NativeSession;
  /** Whether some of its operations run on the CPU though a GPU was asked for. */
  readonly split: boolean;
}

/** Outputs that stay in the GPU's memory. */
type Kept = ReadonlySet<string>;

function load(
  { model, external }: Encoded,
  { name, threads }: Provider,
  kept: Kept,
  whole: boolean,
): NativeSession {
  const session = new (binding().binding.InferenceSession)();
  const locations = [...kept].map((output) => [output, "gpu-buffer"] as const);
  const strict = whole ? { disable_cpu_ep_fallback: "1" } : {};
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
    ...(kept.size > 0 ? { preferredOutputLocation: Object.fromEntries(locations) } : {}),
    extra: { session: { ...sleeping, ...strict } },
  });
  return session;
}

const nothing: Kept = new Set();

/**
 * A session that runs an encoded graph; on a GPU as a whole where the provider knows all of it. On
 * the CPU our graphs are already what ONNX Runtime would make of them, and its optimisation takes
 * longer than a run; other providers want layouts of their own. `kept` are outputs that stay in the
 * GPU's memory.
 */
export function loadSession(encoded: Encoded, provider: Provider, kept = nothing): Loaded {
  const onCpu = provider.name === "cpu";
  try {
    return { session: load(encoded, provider, kept, !onCpu), split: false };
  } catch (thrown) {
    // ONNX Runtime's words when it would place a node on the CPU and may not.
    if (!/fallback to CPU EP has been explicitly disabled/.test(messageOf(thrown))) throw thrown;
    return { session: load(encoded, provider, kept, false), split: true };
  }
}
