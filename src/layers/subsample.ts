import type { Shape } from "../core/shape.js";
import * as tf from "../engine/tf.js";
import type { Layer } from "./layer.js";
import { checkWhole, imageAxes, shapeError } from "./parts/shape-error.js";

/** Options of a subsampled, zero-padded shortcut. */
export interface SubsampleOptions {
  /** Every stride-th pixel of both axes is kept, from the first on. */
  readonly stride: number;
  /** Channels after padding; at least those of the input. */
  readonly channels: number;
}

const kind = "subsample";

function shapeAfter(inShape: Shape, { stride, channels }: SubsampleOptions): Shape {
  const [height, width, came] = imageAxes(kind, inShape);
  if (channels < came) {
    throw shapeError(kind, `${came} input channels`, `at most ${channels}, the channels to pad to`);
  }
  return [Math.ceil(height / stride), Math.ceil(width / stride), channels];
}

/**
 * The parameter-free shortcut "A": every stride-th pixel, then zero channels appended up to
 * `channels`.
 * Throws `UserError` when the input has more channels than that.
 * Source: He et al. 2016, arXiv:1512.03385, section 3.3, option A.
 */
export function subsample(options: SubsampleOptions): Layer {
  const { stride, channels } = options;
  checkWhole(kind, "stride", stride, 1);
  checkWhole(kind, "channels", channels, 1);
  return {
    kind,
    parameters: () => [],
    outShape: (inShape) => shapeAfter(inShape, options),
    macs: () => 0,
    apply: (x) => {
      const came = x.shape[3] ?? 0;
      shapeAfter(x.shape.slice(1), options);
      // A mean over one pixel is that pixel, and unlike a strided slice it has a gradient.
      const kept = stride === 1 ? x : tf.avgPool(x as tf.Tensor4D, 1, stride, 0);
      if (channels === came) return kept;
      return tf.pad(kept, [
        [0, 0],
        [0, 0],
        [0, 0],
        [0, channels - came],
      ]);
    },
  };
}
