import * as tf from "../tf.js";
import { gradient, unbroadcast } from "./gradient.js";

const both = { inputs: ["a", "b"] };

/** `dy` where the condition holds, else zero; unlike a product it keeps infinities out. */
function only(condition: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  return tf.where(condition, dy, tf.zerosLike(dy));
}

const addN: tf.GradConfig = {
  kernelName: tf.AddN,
  saveAllInputs: true,
  gradFunc: (dy, saved) =>
    Object.fromEntries(saved.map((_, i) => [i, () => tf.clone(dy as tf.Tensor)])),
};

const multiply = gradient(tf.Multiply, both, (dy, [a, b]) => ({
  a: () => unbroadcast(tf.mul(dy, tf.cast(b, "float32")), a.shape),
  b: () => unbroadcast(tf.mul(dy, tf.cast(a, "float32")), b.shape),
}));

const divide = gradient(tf.RealDiv, { ...both, output: true }, (dy, [a, b, y]) => ({
  a: () => unbroadcast(tf.div(dy, b), a.shape),
  b: () => unbroadcast(tf.neg(tf.mul(dy, tf.div(y, b))), b.shape),
}));

const squaredDifference = gradient(tf.SquaredDifference, both, (dy, [a, b]) => {
  const slope = (): tf.Tensor => tf.mul(dy, tf.mul(2, tf.sub(a, b)));
  return {
    a: () => unbroadcast(slope(), a.shape),
    b: () => unbroadcast(tf.neg(slope()), b.shape),
  };
});

/**
 * a^b; the logarithm counts only where a > 0, so that 0^b and whole powers of a < 0 stay finite.
 */
const power = gradient(tf.Pow, { ...both, output: true }, (dy, [a, b, y]) => ({
  a: () => unbroadcast(tf.mul(dy, tf.mul(b, tf.pow(a, tf.sub(b, 1)))), a.shape),
  b: () => {
    const positive = tf.greater(a, 0);
    const logarithm = tf.log(tf.where(positive, a, tf.onesLike(a)));
    return unbroadcast(tf.mul(dy, tf.mul(y, logarithm)), b.shape);
  },
}));

/** a - b floor(a / b), whose last factor is constant almost everywhere. */
const remainder = gradient(tf.Mod, both, (dy, [a, b]) => ({
  a: () => unbroadcast(dy, a.shape),
  b: () => {
    const quotient = tf.div(tf.cast(a, "float32"), tf.cast(b, "float32"));
    return unbroadcast(tf.neg(tf.mul(dy, tf.floor(quotient))), b.shape);
  },
}));

/**
 * Cotangents of the elementwise functions of two inputs; where `a` equals `b`, `a` receives all of
 * it.
 */
export const arithmetic: readonly tf.GradConfig[] = [
  gradient(tf.Add, both, (dy, [a, b]) => ({
    a: () => unbroadcast(dy, a.shape),
    b: () => unbroadcast(dy, b.shape),
  })),
  gradient(tf.Sub, both, (dy, [a, b]) => ({
    a: () => unbroadcast(dy, a.shape),
    b: () => unbroadcast(tf.neg(dy), b.shape),
  })),
  gradient(tf.Maximum, both, (dy, [a, b]) => ({
    a: () => unbroadcast(only(tf.greaterEqual(a, b), dy), a.shape),
    b: () => unbroadcast(only(tf.less(a, b), dy), b.shape),
  })),
  gradient(tf.Minimum, both, (dy, [a, b]) => ({
    a: () => unbroadcast(only(tf.lessEqual(a, b), dy), a.shape),
    b: () => unbroadcast(only(tf.greater(a, b), dy), b.shape),
  })),
  addN,
  multiply,
  divide,
  squaredDifference,
  power,
  remainder,
];
