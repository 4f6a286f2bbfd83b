import type { Network } from "../architectures/architecture.js";
import { parameterSpecs } from "../architectures/parts/network.js";
import { UserError } from "../core/errors.js";
import type { Safetensors, SafetensorsEntry } from "../core/safetensors.js";
import { decodeSafetensors, encodeSafetensors } from "../core/safetensors.js";
import { formatShape } from "../core/shape.js";
import { didYouMean, nearest } from "../core/suggest.js";
import { readWhole } from "../data/parts/files.js";
import { placeOf } from "../data/parts/place.js";
import { publish } from "../data/parts/publish.js";
import * as tf from "../engine/tf.js";
import type { ParameterSpec, Parameters } from "../layers/layer.js";
import { need } from "../layers/scope.js";
import { fromPytorch, pytorchShape, toPytorch } from "./parts/layout.js";

const mostListed = 10;

/** How many names of a file are compared with a missing one; a hostile file may have millions. */
const mostCompared = 1000;

function checkFinite({ name, shape, values }: SafetensorsEntry, where: string): void {
  let at = 0;
  while (at < values.length && Number.isFinite(values[at])) at++;
  if (at === values.length) return;
  throw new UserError(
    `${where}: tensor "${name}" holds ${values[at]} at ${placeOf(at, shape)}; ` +
      "allowed: finite numbers",
  );
}

async function entryOf(spec: ParameterSpec, parameters: Parameters): Promise<SafetensorsEntry> {
  const values = Float32Array.from(await need(parameters, spec.name).data());
  return {
    name: spec.name,
    shape: pytorchShape(spec.shape),
    values: toPytorch(values, spec.shape),
  };
}

/**
 * Writes a network's parameters under their own names as a safetensors file in PyTorch's layout
 * (OIHW, [out, in]); the file is the old one or the new one at every moment.
 * Throws `UserError` when a value is not finite or the place is wrong, `MachineError` when the disk
 * fails.
 */
export async function saveWeights(
  path: string,
  network: Network,
  parameters: Parameters,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const entries: SafetensorsEntry[] = [];
  for (const spec of parameterSpecs(network)) entries.push(await entryOf(spec, parameters));
  for (const entry of entries) checkFinite(entry, `${path}: not written`);
  publish(path, encodeSafetensors(entries, metadata));
}

/** Reads a safetensors file of any network. Throws `UserError` when it breaks the format. */
export function readWeights(path: string): Safetensors {
  return decodeSafetensors(readWhole(path), path);
}

/** `3 missing: a, b, c`, or nothing. */
function list(
  title: string,
  items: readonly string[],
  describe: (item: string) => string = (item) => item,
): readonly string[] {
  if (items.length === 0) return [];
  const more = items.length > mostListed ? ` and ${items.length - mostListed} more` : "";
  const shown = items.slice(0, mostListed).map(describe).join(", ");
  return [`${items.length} ${title}: ${shown}${more}`];
}

/** Text from a file as it may be printed. */
function oneLine(text: string): string {
  return JSON.stringify(text.slice(0, 80)).slice(1, -1);
}

function leafOf(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

/** A missing name with the one it may have in the file; the last parts must be alike too. */
function withNearName(name: string, unexpected: readonly string[]): string {
  const comparable = unexpected
    .slice(0, mostCompared)
    .filter((other) => other.length < 2 * name.length && /^[ -~]*$/.test(other))
    .filter((other) => nearest(leafOf(name), [leafOf(other)]) !== undefined);
  return name + didYouMean(name, comparable);
}

function misfit(spec: ParameterSpec, entry: SafetensorsEntry | undefined): string | undefined {
  const wanted = formatShape(pytorchShape(spec.shape));
  if (entry === undefined || formatShape(entry.shape) === wanted) return undefined;
  return `${spec.name} is ${oneLine(formatShape(entry.shape))}, not ${wanted}`;
}

/** Everything in which names or shapes differ from the network's, by kind. */
function differences(
  specs: readonly ParameterSpec[],
  found: ReadonlyMap<string, SafetensorsEntry>,
): readonly string[] {
  const known = new Set(specs.map(({ name }) => name));
  const unexpected = [...found.keys()].filter((name) => !known.has(name));
  const missing = specs.map(({ name }) => name).filter((name) => !found.has(name));
  const shapes = specs
    .map((spec) => misfit(spec, found.get(spec.name)))
    .filter((text) => text !== undefined);
  return [
    ...list("missing", missing, (name) => withNearName(name, unexpected)),
    ...list("unexpected", unexpected, oneLine),
    ...list("of another shape", shapes),
  ];
}

/**
 * Reads a network's parameters from a safetensors file in PyTorch's layout; the caller disposes.
 * Throws `UserError` that lists all missing, unexpected and mis-shaped tensors (up to ten of each),
 * or names the tensor and place of a value that is not finite; nothing is guessed.
 */
export async function loadWeights(path: string, network: Network): Promise<Parameters> {
  const specs = parameterSpecs(network);
  const found = new Map(readWeights(path).entries.map((entry) => [entry.name, entry]));
  const wrong = differences(specs, found);
  if (wrong.length > 0) throw new UserError(`${path}: not this network's: ${wrong.join("; ")}`);
  const loaded = specs.map((spec) => ({ spec, entry: found.get(spec.name)! }));
  for (const { entry } of loaded) checkFinite(entry, path);
  return Object.fromEntries(
    loaded.map(({ spec, entry }): [string, tf.Tensor] => [
      spec.name,
      tf.tensor(fromPytorch(entry.values, spec.shape), [...spec.shape], "float32"),
    ]),
  );
}
