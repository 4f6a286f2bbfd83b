import type { Key } from "../core/random.js";
import type { Shape } from "../core/shape.js";
import type { Tensor } from "../engine/tf.js";
import type { Initializer } from "../initializers/initializer.js";

/** What a parameter is for; training groups and reports go by it. */
export type Role = "weight" | "bias" | "threshold" | "scale" | "gain" | "moment";

/** A parameter before it has a value. `shape` is in TensorFlow.js's order, outputs last. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
  readonly role: Role;
  readonly trainable: boolean;
  /** Random stream, when it is shared between parameters; the parameter's own name otherwise. */
  readonly stream?: string;
}

/** Values by name: `blocks.3.branch.conv1.weight`. */
export type Parameters = Readonly<Record<string, Tensor>>;

/**
 * What surrounds a forward pass. `training` turns dropout on; `statistics` says what batch norm
 * uses; `key` is the only randomness; `tap` names a signal on its way: an analysis reads values
 * forward and gradients backward through it, and the layer goes on with what it returns.
 * In training, batch norm also taps its batch's moments under the names of its running values,
 * and does not read them back.
 */
export interface Context {
  readonly training: boolean;
  readonly statistics: "batch" | "running";
  readonly key: Key;
  tap(name: string, x: Tensor): Tensor;
}

/** A layer within a combinator, with the shape that reaches it. */
export interface Child {
  readonly name: string;
  readonly layer: Layer;
  readonly inShape: Shape;
}

/** A pure function of a signal and parameters. Shapes are without the batch axis. */
export interface Layer {
  /** `conv2d`, `relu`, `serial`, ... as printed by `describe`. */
  readonly kind: string;
  parameters(inShape: Shape): readonly ParameterSpec[];
  outShape(inShape: Shape): Shape;
  /** Multiply-adds of convolutions and dense maps for one input. */
  macs(inShape: Shape): number;
  /** `x` is `[batch, ...inShape]`. */
  apply(x: Tensor, parameters: Parameters, context: Context): Tensor;
  /** The parts of a combinator in order; a leaf has none. */
  children?(inShape: Shape): readonly Child[];
}
