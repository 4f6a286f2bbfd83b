import type { Key } from "../../core/random.js";
import { fold } from "../../core/random.js";
import type { Shape } from "../../core/shape.js";
import { sizeOf } from "../../core/shape.js";
import * as tf from "../../engine/tf.js";
import type { Child, Context, Layer, ParameterSpec, Parameters } from "../../layers/layer.js";
import { applyPart, partSpecs } from "../../layers/scope.js";
import type { Network } from "../architecture.js";

/** The parts of a network in order, each with its signal name and the shape that reaches it. */
export function partsOf(network: Network): readonly Child[] {
  let shape = network.inShape;
  const named: [string, Layer][] = [
    ["stem", network.stem],
    ...network.blocks.map(({ layer }, k): [string, Layer] => [`blocks.${k}`, layer]),
    ["features", network.features],
    ["classifier", network.classifier],
  ];
  return named.map(([name, layer]) => {
    const part = { name, layer, inShape: shape };
    shape = layer.outShape(shape);
    return part;
  });
}

/**
 * The signal that a part produces: the classifier's is `logits`, others are named like the part.
 */
export function signalOf(part: string): string {
  return part === "classifier" ? "logits" : part;
}

/** Every parameter of a network, in order, by its full name. */
export function parameterSpecs(network: Network): readonly ParameterSpec[] {
  return partsOf(network).flatMap(({ name, layer, inShape }) => partSpecs(name, layer, inShape));
}

/** Values of one parameter for a network's key, float64, row-major in TensorFlow.js's layout. */
export function sampleParameter(spec: ParameterSpec, key: Key): Float64Array {
  return spec.initializer.sample(spec.shape, fold(key, spec.stream ?? spec.name));
}

/** Draws every parameter; equal keys give equal values. The caller disposes them. */
export function initialize(network: Network, key: Key): Parameters {
  const entries = parameterSpecs(network).map((spec): [string, tf.Tensor] => {
    const values = Float32Array.from(sampleParameter(spec, key));
    return [spec.name, tf.tensor(values, [...spec.shape], "float32")];
  });
  return Object.fromEntries(entries);
}

/**
 * Runs a network on `[batch, ...inShape]`, tapping every signal; returns the logits `[batch,
 * classes]`.
 */
export function runNetwork(
  network: Network,
  parameters: Parameters,
  x: tf.Tensor,
  context: Context,
): tf.Tensor {
  return partsOf(network).reduce(
    (y, { name, layer }) =>
      context.tap(signalOf(name), applyPart(name, layer, y, parameters, context)),
    x,
  );
}

/** Output shape of every part by signal name, without the batch axis. */
export function signalShapes(network: Network): Readonly<Record<string, Shape>> {
  return Object.fromEntries(
    partsOf(network).map(({ name, layer, inShape }) => [signalOf(name), layer.outShape(inShape)]),
  );
}

/** Number of values a spec holds. */
export function parameterCount(specs: readonly ParameterSpec[], includeMoments = false): number {
  return specs
    .filter((spec) => includeMoments || spec.role !== "moment")
    .reduce((sum, spec) => sum + sizeOf(spec.shape), 0);
}
