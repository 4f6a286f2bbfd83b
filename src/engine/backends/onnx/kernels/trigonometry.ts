import * as tf from "../../../tf.js";
import type { Kernel } from "../plan.js";
import { direct } from "./unary.js";

/** Angles, hyperbolic functions and their inverses. */
export const trigonometryKernels: readonly Kernel[] = [
  direct(tf.Sin, "Sin"),
  direct(tf.Cos, "Cos"),
  direct(tf.Tan, "Tan"),
  direct(tf.Asin, "Asin"),
  direct(tf.Acos, "Acos"),
  direct(tf.Atan, "Atan"),
  direct(tf.Sinh, "Sinh"),
  direct(tf.Cosh, "Cosh"),
  direct(tf.Asinh, "Asinh"),
  direct(tf.Acosh, "Acosh"),
  direct(tf.Atanh, "Atanh"),
];
