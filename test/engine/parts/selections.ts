import * as tf from "../../../src/engine/tf.js";
import type { Operation } from "./operation.js";

type Unary = readonly [string, (x: tf.Tensor) => tf.Tensor, Partial<Operation>?];

function onSignal([name, apply, more]: Unary): Operation {
  return { name, shapes: [[3, 5, 7, 6]], apply: ([x]) => apply(x!), ...more };
}

const whole = (numbers: tf.TensorLike): tf.Tensor => tf.tensor(numbers, undefined, "int32");

const float = (x: tf.Tensor): tf.Tensor => tf.cast(x, "float32");

const firstRank = (x: tf.Tensor): tf.Tensor1D => x as tf.Tensor1D;

/** The rule of a mask, and what it lets through. */
const masked = (x: tf.Tensor, mask: tf.Tensor): tf.Tensor => tf.mul(x, float(mask));

const ids = (): tf.Tensor1D => firstRank(whole([2, -1, 0, 2, 1]));

/** Two places along an axis for each of three samples. */
const places = (): tf.Tensor =>
  whole([
    [4, 0],
    [1, 1],
    [0, 3],
  ]);

/** Coordinates `[4, 2]` of samples and rows, one of them twice. */
const pairs = (): tf.Tensor =>
  whole([
    [2, 4],
    [0, 1],
    [2, 4],
    [1, 0],
  ]);

/** Other coordinates, each once. */
const others = (): tf.Tensor =>
  whole([
    [0, 0],
    [2, 1],
    [1, 3],
  ]);

const flat: Partial<Operation> = { smooth: false };

/** What takes, puts or compares by places. */
export const selected: readonly Operation[] = (
  [
    ["gather rows", (x) => tf.gather(x, whole([4, 0, 0, 2]), 1)],
    [
      "gather a table of channels",
      (x) =>
        tf.gather(
          x,
          whole([
            [1, 5],
            [5, 0],
          ]),
          3,
        ),
    ],
    ["gather other rows of each sample", (x) => tf.gather(x, places(), 1, 1)],
    ["gather other channels of each sample", (x) => tf.gather(x, places(), 3, 1)],
    ["gather by coordinates", (x) => tf.gatherND(x, pairs())],
    [
      "scatter by coordinates",
      (x) => tf.scatterND(pairs(), tf.gatherND(x, pairs()), [3, 6, 7, x.shape[3]!]),
    ],
    [
      "write over coordinates",
      (x) =>
        tf.tensorScatterUpdate(x, others(), tf.mul(tf.gatherND(x, tf.slice(pairs(), 0, 3)), 0.3)),
    ],
    ["sums of segments", (x) => tf.unsortedSegmentSum(tf.transpose(x, [1, 0, 2, 3]), ids(), 3)],
    ["place of the largest channel", (x) => masked(x, tf.expandDims(tf.argMax(x, 3), 3)), flat],
    ["place of the smallest row", (x) => masked(x, tf.expandDims(tf.argMin(x, 1), 1)), flat],
    ["maxima of the channels, four of them", (x) => tf.topk(x, 4).values],
    ["places of the largest channels", (x) => float(tf.topk(x, 3).indices), flat],
    [
      "largest channel, by a mask",
      (x) => tf.mul(x, tf.oneHot(firstRank(tf.argMax(x, 3)), x.shape[3]!, 0.6, 0.3, "float32")),
      flat,
    ],
    ["any above", (x) => masked(x, tf.any(tf.greater(x, 1), 3, true)), flat],
    [
      "all below, over rows",
      (x) => masked(tf.sum(x, [1, 2]), tf.all(tf.less(x, 1.2), [1, 2])),
      flat,
    ],
    [
      "maxima with their places",
      (x) => {
        const { result, indexes } = tf.maxPoolWithArgmax(x as tf.Tensor4D, 3, 2, 1, true);
        return tf.mul(result!, float(indexes!));
      },
      flat,
    ],
    [
      "places of maxima within each sample",
      (x) => float(tf.maxPoolWithArgmax(x as tf.Tensor4D, 2, 2, 0).indexes!),
      flat,
    ],
  ] satisfies readonly Unary[]
).map(onSignal);

const tenths = (x: tf.Tensor): tf.Tensor => tf.cast(tf.mul(x, 10), "int32");

/** A number for each column, some of them none. */
const oddities = (): tf.Tensor =>
  tf.tensor([0, Number.NaN, 1, Number.POSITIVE_INFINITY, 2, Number.NEGATIVE_INFINITY, 3], [7, 1]);

/** Whole numbers and truth values on the way; what leaves them is constant almost everywhere. */
export const rounded: readonly Operation[] = (
  [
    ["sum of whole numbers", (x) => tf.sum(tenths(x), [1, 2])],
    ["largest whole number", (x) => tf.max(tenths(x), 3, true)],
    ["smallest whole number", (x) => tf.min(tenths(x))],
    [
      "product of whole numbers",
      (x) => tf.prod(tf.slice(tenths(x), [0, 0, 0, 0], [3, 5, 7, 2]), 3),
    ],
    ["mean of whole numbers", (x) => tf.mean(tenths(x), 0)],
    ["mean of truth values", (x) => tf.mean(tf.greater(x, 0.3), [1, 2])],
    ["count of truth values", (x) => tf.sum(tf.notEqual(tenths(x), 3))],
    ["whole arithmetic", (x) => tf.sub(tf.mul(tenths(x), tenths(x)), tf.add(tenths(x), 3))],
    ["whole quotient", (x) => tf.floorDiv(tenths(x), whole(3))],
    ["whole quotient of floats", (x) => tf.floorDiv(tf.mul(x, 10), tf.scalar(0.7))],
    ["whole remainder", (x) => tf.mod(tenths(x), whole(-4))],
    ["whole power", (x) => tf.pow(tenths(x), whole(3))],
    [
      "whole absolute value, sign and square",
      (x) => tf.square(tf.add(tf.abs(tenths(x)), tf.sign(tenths(x)))),
    ],
    ["whole negative, bounded", (x) => tf.clipByValue(tf.neg(tenths(x)), -4, 7)],
    ["whole squared difference", (x) => tf.squaredDifference(tenths(x), whole(3))],
    ["several whole numbers", (x) => tf.addN([tenths(x), tenths(tf.neg(x)), tenths(x)])],
    ["running sum of whole numbers", (x) => tf.cumsum(tenths(x), 3)],
    ["place of the largest whole number", (x) => tf.argMax(tenths(x), 2)],
    ["select between whole numbers", (x) => tf.where(tf.greater(x, 0), tenths(x), whole(-3))],
    [
      "pad whole numbers",
      (x) =>
        tf.pad(
          tenths(x),
          [
            [0, 1],
            [1, 0],
            [2, 1],
            [0, 3],
          ],
          -7,
        ),
    ],
    [
      "select between truth values",
      (x) => tf.where(tf.greater(x, 0), tf.less(x, 1), tf.greater(x, -1)),
    ],
    ["equal truth values", (x) => tf.equal(tf.greater(x, 0), tf.less(x, 1))],
    ["different truth values", (x) => tf.notEqual(tf.greater(x, 0), tf.less(x, 1))],
    [
      "truth values moved about",
      (x) =>
        tf.concat(
          [
            tf.transpose(tf.greater(x, 0), [0, 2, 1, 3]),
            tf.reverse(tf.transpose(tf.less(x, 0.3), [0, 2, 1, 3]), 3),
          ],
          1,
        ),
    ],
    ["truth values cut and stacked", (x) => tf.stack(tf.split(tf.greater(x, 0), 2, 3), 2)],
    [
      "truth values spread",
      (x) => tf.tile(tf.slice(tf.greater(x, 0), [0, 0, 0, 1], [3, 5, 7, 1]), [1, 2, 1, 3]),
    ],
    ["no numbers", (x) => tf.isNaN(tf.add(x, oddities()))],
    ["finite numbers of a signal", (x) => tf.logicalOr(tf.isFinite(x), tf.isNaN(x))],
    ["infinities", (x) => tf.isInf(tf.add(x, oddities()))],
    ["finite numbers", (x) => tf.logicalXor(tf.isFinite(tf.add(x, oddities())), tf.less(x, 0))],
    ["truth values of whole numbers", (x) => tf.cast(tenths(x), "bool")],
    [
      "channel marked by a whole number",
      (x) => tf.oneHot(firstRank(tenths(tf.slice(x, 0, [3, 5, 7, 1]))), 5),
    ],
    [
      "segments of whole numbers",
      (x) => tf.unsortedSegmentSum(firstRank(tf.transpose(tenths(x), [1, 0, 2, 3])), ids(), 3),
    ],
  ] satisfies readonly Unary[]
).map(([name, apply]) => onSignal([name, (x) => float(apply(x)), flat]));
