import * as tf from "../tf.js";
import { gradient } from "./gradient.js";

const ofOne = [tf.Step, tf.Sign, tf.Floor, tf.Ceil, tf.Round, tf.ZerosLike, tf.OnesLike];

const ofTwo = [
  tf.Greater,
  tf.GreaterEqual,
  tf.Less,
  tf.LessEqual,
  tf.Equal,
  tf.NotEqual,
  tf.LogicalAnd,
  tf.LogicalOr,
];

/** Zero cotangents of the functions that are constant almost everywhere. */
export const flat: readonly tf.GradConfig[] = [
  ...ofOne.map((name) => gradient(name, {}, (dy) => ({ x: () => tf.zerosLike(dy) }))),
  gradient(tf.LogicalNot, { inputs: ["x"] }, (_, [x]) => ({ x: () => tf.zeros(x.shape) })),
  ...ofTwo.map((name) =>
    gradient(name, { inputs: ["a", "b"] }, (_, [a, b]) => ({
      a: () => tf.zeros(a.shape),
      b: () => tf.zeros(b.shape),
    })),
  ),
];
