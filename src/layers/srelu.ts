import type { Shape } from "../core/shape.js";
import * as tf from "../engine/tf.js";
import { constant } from "../initializers/constant.js";
import type { Layer } from "./layer.js";
import { shapeError } from "./parts/shape-error.js";
import { need } from "./scope.js";

/** Options of a shifted ReLU. */
export interface ShiftedReluOptions {
  /** Threshold at the start; -1 unless given. */
  readonly initial?: number;
  /** Whether the threshold is learnt; it is unless given. */
  readonly trainable?: boolean;
}

const kind = "srelu";

function channelsOf(inShape: Shape): number {
  const channels = inShape.at(-1);
  if (channels === undefined) throw shapeError(kind, "input is scalar", "a last axis of channels");
  return channels;
}

/**
 * The shifted ReLU max(x, b) with a threshold b a channel. Parameter: `threshold` `[channels]`.
 * At x = b the derivative by x is 0 and by b is 1, as of relu(x - b) + b.
 * Source: Qi et al. 2020, arXiv:2006.16992 (ISONet), eq. 15.
 */
export function srelu({ initial = -1, trainable = true }: ShiftedReluOptions = {}): Layer {
  const initializer = constant(initial);
  return {
    kind,
    parameters: (inShape) => [
      {
        name: "threshold",
        shape: [channelsOf(inShape)],
        initializer,
        role: "threshold",
        trainable,
      },
    ],
    outShape: (inShape) => inShape,
    macs: () => 0,
    // Of two equal numbers the first has the derivative, hence this order.
    apply: (x, parameters) => tf.maximum(need(parameters, "threshold"), x),
  };
}
