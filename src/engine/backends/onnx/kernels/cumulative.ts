import * as tf from "../../../tf.js";
import type { Kernel } from "../plan.js";
import { kernel } from "../plan.js";
import { alongAxes, placeOf } from "./axes.js";
import { isHeld, isNumeric } from "./checks.js";

const sums = kernel<{ axis: number; exclusive: boolean; reverse: boolean }>(
  tf.Cumsum,
  ({ x }, { axis, exclusive, reverse }) => {
    if (!isHeld(x) || !isNumeric(x) || x.shape.length === 0) return undefined;
    const along = tf.util.parseAxisParam(axis, x.shape)[0]!;
    const attributes = { exclusive: exclusive ? 1 : 0, reverse: reverse ? 1 : 0 };
    const key = `${along};${attributes.exclusive}${attributes.reverse}`;
    return alongAxes(x, key, x.shape, (graph, value, layout) =>
      graph.node("CumSum", [value, graph.integers([placeOf(along, layout)])], attributes),
    );
  },
);

/** Running sums. */
export const cumulativeKernels: readonly Kernel[] = [sums];
