import * as tf from "../tf.js";
import { gradient } from "./gradient.js";

const ofOne = [tf.Step, tf.Sign, tf.Floor, tf.Ceil, tf.Round, tf.ZerosLike, tf.OnesLike];

/** Those whose value has another type or shape than the input, and the input's name. */
const ofOther: readonly (readonly [kernelName: string, input: string])[] = [
  [tf.LogicalNot, "x"],
  [tf.IsNan, "x"],
  [tf.IsInf, "x"],
  [tf.IsFinite, "x"],
  [tf.Any, "x"],
  [tf.All, "x"],
  [tf.ArgMax, "x"],
  [tf.ArgMin, "x"],
  [tf.OneHot, "indices"],
];

const ofTwo = [
  tf.Greater,
  tf.GreaterEqual,
  tf.Less,
  tf.LessEqual,
  tf.Equal,
  tf.NotEqual,
  tf.LogicalAnd,
  tf.LogicalOr,
  tf.FloorDiv,
];

/** Zero cotangents of the functions that are constant almost everywhere. */
export const flat: readonly tf.GradConfig[] = [
  ...ofOne.map((name) => gradient(name, {}, (dy) => ({ x: () => tf.zerosLike(dy) }))),
  ...ofOther.map(([name, input]) =>
    gradient(name, { inputs: [input] }, (_, [x]) => ({ [input]: () => tf.zeros(x.shape) })),
  ),
  ...ofTwo.map((name) =>
    gradient(name, { inputs: ["a", "b"] }, (_, [a, b]) => ({
      a: () => tf.zeros(a.shape),
      b: () => tf.zeros(b.shape),
    })),
  ),
];
