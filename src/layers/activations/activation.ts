import type { Tensor } from "../../engine/tf.js";

/** A function of one number, applied to every entry of a signal. */
export interface Activation {
  /** As in options; the name of its file. */
  readonly name: string;
  /** Any shape; the result has the same. */
  apply(x: Tensor): Tensor;
}
