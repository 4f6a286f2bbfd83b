import type { Graph } from "../../../src/engine/backends/onnx/graph.js";
import type { Operand } from "../../../src/engine/backends/onnx/operand.js";
import * as tf from "../../../src/engine/tf.js";
import { drawn } from "../../material.js";
import type { RewriteWork } from "../../work.js";
import type { Form, GivenArray, Rewrite } from "./form.js";
import { asWritten, betweenBlocks, floats, inPlanes, recorded } from "./form.js";

/** Normal numbers as a signal. */
export function signal(name: string, shape: readonly number[]): GivenArray {
  return { shape, values: drawn(`rewrite.${name}`, shape, 1) };
}

/** A frozen filter that keeps variances near 1. */
export function filterOf(size: number, from: number, to: number): GivenArray {
  const shape = [size, size, from, to];
  const values = drawn("rewrite.filter", shape, Math.sqrt(1 / (size * size * from)));
  return { shape, values, frozen: true };
}

/** Attributes of a convolution 3x3 with a pad of 1. */
export const window3x3 = { pad: 1, dataFormat: "NHWC" } as const;

const onePixel = { strides: [1, 1], pad: 0, dataFormat: "NHWC" };

/** Sizes of a convolution with a filter `[size, size, channels, outputs]`. */
function sizesOf({ batch, size, channels, outputs = channels }: RewriteWork, stride = 1) {
  const inShape = [batch, size, size, channels];
  return { inShape, outShape: [batch, size / stride, size / stride, outputs], outputs };
}

/** A filter 3x3 that does not change, by fewer multiplications and by one convolution. */
export function winograd(work: RewriteWork): Rewrite {
  const { inShape, outShape, outputs } = sizesOf(work);
  const written = asWritten((graph, { x, filter }) => [
    recorded(graph, tf.Conv2D, { x: x!, filter: filter! }, { ...window3x3, strides: [1, 1] }),
  ]);
  return {
    given: { x: signal("x", inShape), filter: filterOf(3, work.channels, outputs) },
    shape: outShape,
    rewritten: written,
    plain: { ...written, knowsFrozen: false },
  };
}

/** ONNX's transposed convolution of `dy`, in planes, with a filter `[3, 3, in, out]`. */
function transposed(graph: Graph, dy: Operand, filter: Operand, inShape: readonly number[]) {
  const stride = inShape[1]! / dy.shape[1]!;
  const weights = graph.node("Transpose", [filter.in("rows")], { perm: [3, 2, 0, 1] });
  const value = graph.node("ConvTranspose", [dy.in("planes"), weights], {
    kernel_shape: [3, 3],
    strides: [stride, stride],
    pads: [1, 1, 1, 1],
    output_padding: [stride - 1, stride - 1],
  });
  return floats(graph, { value, layout: "planes" }, inShape);
}

/** The cotangent of the input of a convolution 3x3, as written and as a transposed convolution. */
function inputCotangent(work: RewriteWork, stride: number): Rewrite {
  const { inShape, outShape, outputs } = sizesOf(work, stride);
  const attributes = { ...window3x3, strides: [stride, stride], inputShape: inShape };
  return {
    given: { dy: signal("dy", outShape), filter: filterOf(3, work.channels, outputs) },
    shape: inShape,
    rewritten: asWritten((graph, { dy, filter }) => [
      recorded(graph, tf.Conv2DBackpropInput, { dy: dy!, filter: filter! }, attributes),
    ]),
    plain: inPlanes((graph, { dy, filter }) => [transposed(graph, dy!, filter!, inShape)]),
  };
}

/** With a stride of 2: by phases. */
export const phases = (work: RewriteWork): Rewrite => inputCotangent(work, 2);

/** With a stride of 1: by the turned filter. */
export const turnedFilter = (work: RewriteWork): Rewrite => inputCotangent(work, 1);

/** The cotangent of a filter 3x3, as one convolution and as a product for each of its taps. */
export function blockedFilterCotangent(work: RewriteWork): Rewrite {
  const { inShape, outShape, outputs } = sizesOf(work);
  const filterShape = [3, 3, work.channels, outputs];
  const attributes = { ...window3x3, strides: [1, 1], filterShape };
  const append: Form["append"] = (graph, { x, dy }) => [
    recorded(graph, tf.Conv2DBackpropFilter, { x: x!, dy: dy! }, attributes),
  ];
  return {
    given: { x: signal("x", inShape), dy: signal("dy", outShape) },
    shape: filterShape,
    rewritten: asWritten(append),
    plain: inPlanes(append),
  };
}

/** The product of all pixels with the filter as a matrix; signals lie as the callers see them. */
function matrixProduct(graph: Graph, x: Operand, filter: Operand, outShape: readonly number[]) {
  const matrix = graph.node("Reshape", [filter.in("rows"), graph.integers(filter.shape.slice(2))]);
  const value = graph.node("MatMul", [x.in("rows"), matrix]);
  return floats(graph, { value, layout: "rows" }, outShape);
}

/** A convolution 1x1 in blocks, and as a product whose signals lie as it needs them. */
export function pointwise(work: RewriteWork): Rewrite {
  const { inShape, outShape, outputs } = sizesOf(work);
  return {
    given: { x: signal("x", inShape), filter: filterOf(1, work.channels, outputs) },
    shape: outShape,
    rewritten: asWritten((graph, { x, filter }) => [
      recorded(graph, tf.Conv2D, { x: x!, filter: filter! }, onePixel),
    ]),
    plain: {
      ...inPlanes((graph, { x, filter }) => [matrixProduct(graph, x!, filter!, outShape)]),
      layout: "rows",
    },
  };
}

/** The same where the signals around it lie in blocks. */
export function inBlocks(rewrite: Rewrite): Rewrite {
  return { ...rewrite, plain: betweenBlocks(rewrite.plain) };
}
