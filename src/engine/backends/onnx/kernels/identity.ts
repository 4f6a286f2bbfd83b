import * as tf from "../../../tf.js";
import type { ElementType } from "../model.js";
import type { Kernel, Planned } from "../plan.js";
import { kernel } from "../plan.js";
import { isElementType } from "../stored.js";

const identity = kernel(tf.Identity, ({ x }) => (x === undefined ? undefined : { same: x }));

/** The same elements under another shape. */
function planView(x: tf.TensorInfo, shape: readonly number[]): Planned | undefined {
  if (tf.util.arraysEqual(x.shape, [...shape])) return { same: x };
  if (!isElementType(x.dtype)) return undefined;
  return {
    key: `${shape}`,
    inputs: [x],
    shape,
    type: x.dtype,
    view: true,
    append: (graph, [operand]) => ({
      value: graph.node("Reshape", [operand!.in("rows"), graph.integers(shape)]),
      layout: "rows",
    }),
  };
}

const reshape = kernel<{ shape: number[] }>(tf.Reshape, ({ x }, { shape }) => {
  if (x === undefined) return undefined;
  const size = tf.util.sizeFromShape(x.shape);
  const whole = tf.util.inferFromImplicitShape(shape, size);
  tf.util.assert(
    size === tf.util.sizeFromShape(whole),
    () => `cannot reshape [${x.shape}] to [${whole}]: they hold different numbers of elements`,
  );
  return planView(x, whole);
});

const expandDims = kernel<{ dim: number }>(tf.ExpandDims, ({ input }, { dim }) => {
  if (input === undefined) return undefined;
  const at = dim < 0 ? input.shape.length + 1 + dim : dim;
  return planView(input, [...input.shape.slice(0, at), 1, ...input.shape.slice(at)]);
});

/** Element types as ONNX numbers them. */
const onnxType = { float32: 1, int32: 6, bool: 9 } as const;

const cast = kernel<{ dtype: tf.DataType }>(tf.Cast, ({ x }, { dtype }) => {
  if (x === undefined) return undefined;
  if (x.dtype === dtype) return { same: x };
  if (!isElementType(x.dtype) || !isElementType(dtype)) return undefined;
  return {
    key: dtype,
    inputs: [x],
    shape: x.shape,
    type: dtype,
    append: (graph, [operand]) => {
      const layout = operand!.layout === "rows" ? "rows" : "planes";
      return { value: graph.node("Cast", [operand!.in(layout)], { to: onnxType[dtype] }), layout };
    },
  };
});

function uniform(shape: readonly number[], type: tf.DataType, value: number): Planned | undefined {
  return isElementType(type)
    ? { uniform: value, shape, type: type satisfies ElementType }
    : undefined;
}

const fill = kernel<{ shape: number[]; value: number | string; dtype?: tf.DataType }>(
  tf.Fill,
  (_, { shape, value, dtype = "float32" }) =>
    typeof value === "string" ? undefined : uniform(shape, dtype, Number(value)),
);

const likes = (name: string, value: number): Kernel =>
  kernel(name, ({ x }) => (x === undefined ? undefined : uniform(x.shape, x.dtype, value)));

/** Kernels that give what they are given, in another form, or one number for all elements. */
export const identityKernels: readonly Kernel[] = [
  identity,
  reshape,
  expandDims,
  cast,
  fill,
  likes(tf.ZerosLike, 0),
  likes(tf.OnesLike, 1),
];
