import * as tf from "../../tf.js";

type Info = Pick<
  tf.backend_util.Conv2DInfo,
  "inHeight" | "inWidth" | "outHeight" | "outWidth" | "strideHeight" | "strideWidth" | "padInfo"
>;

/** Height and width that a window covers, dilation included. */
export interface Reach {
  readonly height: number;
  readonly width: number;
}

/**
 * How a padded window is told to TensorFlow, most of whose kernels know no padding by numbers:
 * `VALID`, `SAME` where that means the same, or `VALID` on an image with `rows` and `columns` added
 * before and after.
 */
export interface Placement {
  readonly padding: "VALID" | "SAME";
  readonly rows: readonly [before: number, after: number];
  readonly columns: readonly [before: number, after: number];
}

function addsNothing({ rows, columns }: Placement): boolean {
  return [...rows, ...columns].every((lines) => lines === 0);
}

/** Lines to add before and after along one axis, so that `windows` windows fit. */
function added(
  before: number,
  length: number,
  windows: number,
  stride: number,
  reach: number,
): readonly [number, number] {
  return [before, Math.max(0, (windows - 1) * stride + reach - length - before)];
}

/** Whether TensorFlow's `SAME` puts the windows where they shall be along one axis. */
function isSame(
  before: number,
  length: number,
  windows: number,
  stride: number,
  reach: number,
): boolean {
  const total = Math.max(0, (windows - 1) * stride + reach - length);
  return windows === Math.ceil(length / stride) && before === Math.floor(total / 2);
}

/** The arguments of `added` and `isSame` along rows and along columns. */
function axesOf(info: Info, reach: Reach) {
  const { inHeight, inWidth, outHeight, outWidth, strideHeight, strideWidth, padInfo } = info;
  return {
    vertical: [padInfo.top, inHeight, outHeight, strideHeight, reach.height],
    horizontal: [padInfo.left, inWidth, outWidth, strideWidth, reach.width],
  } as const;
}

/** The placement that adds all lines itself. */
export function explicitPlacement(info: Info, reach: Reach): Placement {
  const { vertical, horizontal } = axesOf(info, reach);
  return { padding: "VALID", rows: added(...vertical), columns: added(...horizontal) };
}

/** The placement of the windows of a convolution or a pool that adds lines only where it must. */
export function placementOf(info: Info, reach: Reach): Placement {
  const explicit = explicitPlacement(info, reach);
  if (addsNothing(explicit)) return explicit;
  const { vertical, horizontal } = axesOf(info, reach);
  const same = isSame(...vertical) && isSame(...horizontal);
  return same ? { padding: "SAME", rows: [0, 0], columns: [0, 0] } : explicit;
}

/** The image with the lines of a placement around it, filled with `value`. */
export function padded(x: tf.Tensor4D, place: Placement, value = 0): tf.Tensor4D {
  if (addsNothing(place)) return x;
  return tf.pad(x, [[0, 0], [...place.rows], [...place.columns], [0, 0]], value);
}

/** `[batch, height, width, channels]` with the lines of a placement added. */
export function paddedShape(shape: readonly number[], { rows, columns }: Placement): number[] {
  const [batch = 0, height = 0, width = 0, channels = 0] = shape;
  return [batch, height + rows[0] + rows[1], width + columns[0] + columns[1], channels];
}

/** The image of `shape` inside one with the lines of a placement around it. */
export function cropped(x: tf.Tensor, shape: readonly number[], place: Placement): tf.Tensor {
  if (tf.util.arraysEqual(x.shape, [...shape])) return x;
  return tf.slice(x, [0, place.rows[0], place.columns[0], 0], [...shape]);
}
