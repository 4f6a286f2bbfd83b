import type { EngineCounters, Explanation, GraphBackend } from "../../evaluation.js";
import { currentPlace } from "../../evaluation.js";
import * as tf from "../../tf.js";
import { cut, peakBytes } from "./cut.js";
import { download, newDoomed } from "./device.js";
import type { Plan, Planned } from "./plan.js";
import type { Programs } from "./programs.js";
import { newPrograms } from "./programs.js";
import type { Provider } from "./runtime.js";
import type { Content, Stored } from "./stored.js";
import { copyOf, filled, isElementType, recordedOf, sizeOf, store } from "./stored.js";

/** Chains of waiting operations that nobody reads are computed when they get this long. */
const deepest = 20_000;

function contentOf(values: tf.backend_util.BackendValues, type: tf.DataType): Content {
  if (!isElementType(type)) return { kind: "text", values };
  return { kind: "elements", elements: copyOf(values as Float32Array, type) };
}

/** What is known of a tensor, unless graphs hold it as a constant or a GPU has it. */
function knownContent({ content, frozen }: Stored): Content | undefined {
  const isHere = content.kind !== "pending" && content.kind !== "device";
  return isHere && !frozen ? content : undefined;
}

/**
 * A backend whose kernels record what to do. Reading a tensor compiles the graph that leads to it
 * into one session of ONNX Runtime, or finds it compiled, and runs it.
 */
export class OnnxBackend extends tf.KernelBackend implements GraphBackend {
  readonly #held = new Map<object, Stored>();
  readonly #programs: Programs;
  readonly #provider: () => Provider;
  readonly #doomed = newDoomed();

  constructor(provider: () => Provider) {
    super();
    this.#provider = provider;
    this.#programs = newPrograms(provider);
  }

  /** The tensor of an id. Errors thrown: `Error` when it was disposed. */
  stored(dataId: object): Stored {
    const found = this.#held.get(dataId);
    if (found !== undefined) return found;
    throw new Error("a tensor was used after it was disposed");
  }

  /** Compiled graphs kept. */
  use(): ReturnType<Programs["use"]> {
    return this.#programs.use();
  }

  /** Frees every compiled graph. */
  clear(): void {
    this.#programs.clear();
  }

  #hold(stored: Stored): tf.TensorInfo {
    this.#held.set(stored, stored);
    return { dataId: stored, shape: [...stored.shape], dtype: stored.type };
  }

  /** A tensor of known content. */
  hold(shape: readonly number[], type: tf.DataType, content: Content): tf.TensorInfo {
    return this.#hold(store(shape, type, content));
  }

  /** The same tensor once more, for another owner. */
  share({ dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo {
    this.stored(dataId).references++;
    return { dataId, shape, dtype };
  }

  /** Records one output of a kernel. */
  record(kernel: string, planned: Planned): tf.TensorInfo {
    if ("same" in planned) return this.share(planned.same);
    if ("uniform" in planned) {
      const { shape, type, uniform } = planned;
      return this.hold(shape, type, { kind: "uniform", value: uniform });
    }
    return this.#recordPlan(kernel, planned);
  }

  #recordPlan(kernel: string, plan: Plan): tf.TensorInfo {
    const inputs = plan.inputs.map(({ dataId }) => this.stored(dataId));
    const known = plan.view === true ? knownContent(inputs[0]!) : undefined;
    if (known !== undefined) return this.hold(plan.shape, plan.type ?? "float32", known);
    const depth = 1 + Math.max(0, ...inputs.map((input) => recordedOf(input)?.depth ?? 0));
    const recorded = { kernel, plan, inputs, depth, place: currentPlace() };
    const stored = store(plan.shape, plan.type ?? "float32", { kind: "pending", recorded });
    if (depth >= deepest) this.#compute([stored]);
    return this.#hold(stored);
  }

  #compute(asked: readonly Stored[]): void {
    const work = cut(asked, (dataId) => this.#held.get(dataId));
    if (work === undefined) return;
    this.#programs.compute(work);
    for (const stored of work.wanted) if (stored.references === 0) this.#doomed.add(stored);
    this.#doomed.sweep(this.#held.values());
  }

  evaluate(dataIds: readonly object[]): void {
    this.#compute(dataIds.map((dataId) => this.stored(dataId)));
  }

  forecast(dataIds: readonly object[]): number {
    const asked = dataIds.map((dataId) => this.stored(dataId));
    const work = cut(asked, (dataId) => this.#held.get(dataId));
    return work === undefined ? 0 : peakBytes(work);
  }

  idleBytes(): number {
    return this.#programs.idleBytes();
  }

  explain(dataIds: readonly object[]): Explanation {
    const asked = dataIds.map((dataId) => this.stored(dataId));
    const work = cut(asked, (dataId) => this.#held.get(dataId));
    return work === undefined ? { operations: [], nodes: [] } : this.#programs.explain(work);
  }

  setFrozen(dataIds: readonly object[], frozen: boolean): void {
    this.evaluate(dataIds);
    for (const dataId of dataIds) {
      const stored = this.stored(dataId);
      if (stored.frozen && !frozen) this.#programs.forget(stored);
      if (frozen) this.readSync(dataId);
      stored.frozen = frozen;
    }
  }

  counters(): EngineCounters {
    return this.#programs.counters();
  }

  resetCounters(): void {
    this.#programs.resetCounters();
  }

  override write(
    values: tf.backend_util.BackendValues,
    shape: number[],
    dtype: tf.DataType,
  ): tf.DataId {
    return this.hold(shape, dtype, contentOf(values, dtype)).dataId;
  }

  override move(
    dataId: tf.DataId,
    values: tf.backend_util.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    refCount: number,
  ): void {
    const stored = store(shape, dtype, contentOf(values, dtype));
    stored.references = refCount;
    this.#held.set(dataId, stored);
  }

  override readSync(dataId: object): tf.backend_util.BackendValues {
    const stored = this.stored(dataId);
    this.#compute([stored]);
    const { content, type } = stored;
    if (content.kind === "text") return content.values;
    if (content.kind === "device") {
      stored.content = {
        kind: "elements",
        elements: download(content.elements, this.#provider()),
      };
      content.elements.release();
    }
    if (content.kind === "uniform" && isElementType(type)) {
      stored.content = { kind: "elements", elements: filled(sizeOf(stored), type, content.value) };
    }
    return stored.content.kind === "elements" ? stored.content.elements : [];
  }

  override async read(dataId: object): Promise<tf.backend_util.BackendValues> {
    return this.readSync(dataId);
  }

  override refCount(dataId: object): number {
    return this.#held.get(dataId)?.references ?? 0;
  }

  override incRef(dataId: object): void {
    this.stored(dataId).references++;
  }

  override disposeData(dataId: object, force = false): boolean {
    const stored = this.#held.get(dataId);
    if (stored === undefined) return true;
    stored.references--;
    if (!force && stored.references > 0) return false;
    stored.references = 0;
    this.#held.delete(dataId);
    this.#doomed.add(stored);
    if (stored.frozen) this.#programs.forget(stored);
    return true;
  }

  override numDataIds(): number {
    return this.#held.size;
  }

  override memory(): { unreliable: boolean; reasons: string[] } {
    return { unreliable: true, reasons: ["tensors that wait to be computed take no memory"] };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override timerAvailable(): boolean {
    return false;
  }

  override dispose(): void {
    this.clear();
  }
}
