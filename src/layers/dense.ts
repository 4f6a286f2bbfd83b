import type { Shape } from "../core/shape.js";
import { formatShape } from "../core/shape.js";
import * as tf from "../engine/tf.js";
import type { Initializer } from "../initializers/initializer.js";
import type { Layer } from "./layer.js";
import { biasSpecs } from "./parts/convolution.js";
import { checkWhole, shapeError } from "./parts/shape-error.js";
import { need } from "./scope.js";

/** Options of a dense layer. */
export interface DenseOptions {
  /** Outputs. */
  readonly units: number;
  /** Of the matrix `[in, units]`. */
  readonly initializer: Initializer;
  /** Adds a bias `[units]` drawn from this. */
  readonly bias?: Initializer;
}

const kind = "dense";

function featuresOf(inShape: Shape): number {
  if (inShape.length === 1) return inShape[0]!;
  throw shapeError(kind, `input is ${formatShape(inShape)}`, "one axis of features");
}

/**
 * An affine map y = x W + b of `[in]`. Parameters: `weight` `[in, units]`, `bias` `[units]` when
 * asked for.
 * Throws `UserError` when the input has more than the feature axis.
 */
export function dense({ units, initializer, bias }: DenseOptions): Layer {
  checkWhole(kind, "units", units, 1);
  return {
    kind,
    parameters: (inShape) => {
      const shape = [featuresOf(inShape), units];
      return [
        { name: "weight", shape, initializer, role: "weight", trainable: true },
        ...biasSpecs(bias, units),
      ];
    },
    outShape: (inShape) => {
      featuresOf(inShape);
      return [units];
    },
    macs: (inShape) => featuresOf(inShape) * units,
    apply: (x, parameters) => {
      featuresOf(x.shape.slice(1));
      const y = tf.matMul(x, need(parameters, "weight"));
      return bias === undefined ? y : tf.add(y, need(parameters, "bias"));
    },
  };
}
