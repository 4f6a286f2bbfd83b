import { fold } from "../core/random.js";
import type { Shape } from "../core/shape.js";
import { within } from "../engine/evaluation.js";
import type { Tensor } from "../engine/tf.js";
import type { Context, Layer, ParameterSpec, Parameters } from "./layer.js";

/** Specs of a part, named within the whole: `weight` of `conv1` is `conv1.weight`. */
export function prefixSpecs(
  prefix: string,
  specs: readonly ParameterSpec[],
): readonly ParameterSpec[] {
  return specs.map((spec) => ({
    ...spec,
    name: `${prefix}.${spec.name}`,
    ...(spec.stream === undefined ? {} : { stream: `${prefix}.${spec.stream}` }),
  }));
}

/** The parameters of a part, by their names within it. */
export function scopeParameters(prefix: string, parameters: Parameters): Parameters {
  const start = `${prefix}.`;
  const part: Record<string, Tensor> = {};
  for (const name in parameters) {
    if (name.startsWith(start)) part[name.slice(start.length)] = parameters[name]!;
  }
  return part;
}

/** The context of a part: its own random stream, its signals named within the whole. */
export function scopeContext(prefix: string, context: Context): Context {
  return {
    ...context,
    key: fold(context.key, prefix),
    tap: (name, x) => context.tap(`${prefix}.${name}`, x),
  };
}

/** Applies a part under its name. */
export function applyPart(
  name: string,
  layer: Layer,
  x: Tensor,
  parameters: Parameters,
  context: Context,
): Tensor {
  const part = scopeParameters(name, parameters);
  return within(name, () => layer.apply(x, part, scopeContext(name, context)));
}

/** Specs of a part under its name. */
export function partSpecs(name: string, layer: Layer, inShape: Shape): readonly ParameterSpec[] {
  return prefixSpecs(name, layer.parameters(inShape));
}

/** The one parameter of that name; a missing one is our bug, as names come from `parameters`. */
export function need(parameters: Parameters, name: string): Tensor {
  const value = parameters[name];
  if (value === undefined) throw new Error(`parameter "${name}" has no value`);
  return value;
}
