import * as tf from "../tf.js";
import { gradient } from "./gradient.js";
import { byInput, byOutput } from "./slope.js";

/** Cotangents of the smooth functions of one input, and of the absolute value (slope 0 at 0). */
export const elementwise: readonly tf.GradConfig[] = [
  gradient(tf.Neg, {}, (dy) => ({ x: () => tf.neg(dy) })),
  byInput(tf.Abs, (x) => tf.sign(x)),
  byInput(tf.Square, (x) => tf.mul(2, x)),
  byOutput(tf.Sqrt, (y) => tf.div(0.5, y)),
  byOutput(tf.Rsqrt, (y) => tf.mul(-0.5, tf.mul(y, tf.square(y)))),
  byOutput(tf.Reciprocal, (y) => tf.neg(tf.square(y))),
  byOutput(tf.Exp, (y) => y),
  byOutput(tf.Expm1, (y) => tf.add(y, 1)),
  byInput(tf.Log, (x) => tf.div(1, x)),
  byInput(tf.Log1p, (x) => tf.div(1, tf.add(x, 1))),
  byOutput(tf.Tanh, (y) => tf.sub(1, tf.square(y))),
  byOutput(tf.Sigmoid, (y) => tf.mul(y, tf.sub(1, y))),
  byInput(tf.Softplus, (x) => tf.sigmoid(x)),
  byInput(tf.Erf, (x) => tf.mul(2 / Math.sqrt(Math.PI), tf.exp(tf.neg(tf.square(x))))),
];
