import * as tf from "../tf.js";
import { byInput, byOutput } from "./slope.js";

/** 1 - x², which the inverse sines share. */
const rest = (x: tf.Tensor): tf.Tensor => tf.sub(1, tf.square(x));

/** Cotangents of angles, hyperbolic functions and their inverses. */
export const trigonometry: readonly tf.GradConfig[] = [
  byInput(tf.Sin, (x) => tf.cos(x)),
  byInput(tf.Cos, (x) => tf.neg(tf.sin(x))),
  byOutput(tf.Tan, (y) => tf.add(1, tf.square(y))),
  byInput(tf.Asin, (x) => tf.rsqrt(rest(x))),
  byInput(tf.Acos, (x) => tf.neg(tf.rsqrt(rest(x)))),
  byInput(tf.Atan, (x) => tf.div(1, tf.add(1, tf.square(x)))),
  byInput(tf.Sinh, (x) => tf.cosh(x)),
  byInput(tf.Cosh, (x) => tf.sinh(x)),
  byInput(tf.Asinh, (x) => tf.rsqrt(tf.add(1, tf.square(x)))),
  byInput(tf.Acosh, (x) => tf.rsqrt(tf.sub(tf.square(x), 1))),
  byInput(tf.Atanh, (x) => tf.div(1, rest(x))),
];
