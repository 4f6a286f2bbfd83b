import * as tf from "../tf.js";
import { gradient, runKernel } from "./gradient.js";

const sizeOf = tf.util.sizeFromShape;

/** Places are whole numbers, and nothing depends on them smoothly. */
const none = (places: tf.Tensor): tf.Tensor => tf.zeros(places.shape);

/** What rows of a batch are numbered from when all rows are in one list. */
function starts(batch: number, length: number): tf.Tensor {
  const first = Int32Array.from({ length: batch }, (_, i) => i * length);
  return tf.tensor(first, [batch, 1], "int32");
}

/**
 * The cotangent of taking entries along an axis: each goes back to where it came from, and adds up.
 */
function gatherCotangent(
  dy: tf.Tensor,
  { shape }: tf.Tensor,
  indices: tf.Tensor,
  axis: number,
  batchAxes: number,
): tf.Tensor {
  const [batch, outer, length, inner] = [
    sizeOf(shape.slice(0, batchAxes)),
    sizeOf(shape.slice(batchAxes, axis)),
    shape[axis]!,
    sizeOf(shape.slice(axis + 1)),
  ];
  const split = tf.reshape(dy, [batch, outer, indices.size / batch, inner]);
  const rows = tf.reshape(tf.transpose(split, [0, 2, 1, 3]), [indices.size, outer * inner]);
  const own = tf.reshape(tf.cast(indices, "int32"), [batch, indices.size / batch]);
  const places = tf.reshape(batch === 1 ? own : tf.add(own, starts(batch, length)), [-1]);
  const sums = tf.unsortedSegmentSum(rows, places as tf.Tensor1D, batch * length);
  const back = tf.transpose(tf.reshape(sums, [batch, length, outer, inner]), [0, 2, 1, 3]);
  return tf.reshape(back, shape);
}

const gather = gradient<{ axis: number; batchDims?: number }>(
  tf.GatherV2,
  { inputs: ["x", "indices"] },
  (dy, [x, indices], { axis, batchDims = 0 }) => {
    const along = tf.util.parseAxisParam(axis, x.shape)[0]!;
    return {
      x: () => gatherCotangent(dy, x, indices, along, batchDims),
      indices: () => none(indices),
    };
  },
);

/** Where the entries of segments went; those of none have a place outside and take nothing. */
function fromSegments(dy: tf.Tensor, ids: tf.Tensor): tf.Tensor {
  const last = dy.shape[0]! - 1;
  const inside = tf.logicalAnd(tf.greaterEqual(ids, 0), tf.lessEqual(ids, last));
  const taken = tf.gather(dy, tf.clipByValue(ids, 0, last) as tf.Tensor1D);
  const shape = [...ids.shape, ...dy.shape.slice(1).map(() => 1)];
  return tf.where(tf.reshape(inside, shape), taken, tf.zerosLike(taken));
}

const segmentSum = gradient(
  tf.UnsortedSegmentSum,
  { inputs: ["segmentIds"] },
  (dy, [segmentIds]) => ({
    x: () => fromSegments(dy, tf.cast(segmentIds, "int32")),
    segmentIds: () => none(segmentIds),
  }),
);

const gatherCoordinates = gradient(
  tf.GatherNd,
  { inputs: ["params", "indices"] },
  (dy, [params, indices]) => ({
    params: () => tf.scatterND(indices, dy, params.shape),
    indices: () => none(indices),
  }),
);

const scatterCoordinates = gradient(tf.ScatterNd, { inputs: ["indices"] }, (dy, [indices]) => ({
  indices: () => none(indices),
  updates: () => tf.gatherND(dy, indices),
}));

/** Entries that were written over receive nothing. */
const scatterOver = gradient(
  tf.TensorScatterUpdate,
  { inputs: ["indices", "updates"] },
  (dy, [indices, updates]) => ({
    tensor: () =>
      runKernel(tf.TensorScatterUpdate, { tensor: dy, indices, updates: tf.zerosLike(updates) }),
    indices: () => none(indices),
    updates: () => tf.gatherND(dy, indices),
  }),
);

/** The largest entries along the last axis go back to their places. */
const largest: tf.GradConfig = {
  kernelName: tf.TopK,
  inputsToSave: ["x"],
  outputsToSave: [false, true],
  gradFunc: (dys, saved) => {
    const [dy] = dys as tf.Tensor[];
    const [x, places] = saved as [tf.Tensor, tf.Tensor];
    return { x: () => gatherCotangent(dy!, x, places, x.rank - 1, x.rank - 1) };
  },
};

/** Cotangents of what takes and puts by indices. */
export const indices: readonly tf.GradConfig[] = [
  gather,
  segmentSum,
  gatherCoordinates,
  scatterCoordinates,
  scatterOver,
  largest,
];
