import { reluGrad } from "../../../src/engine/gradients/activations.js";
import { sampleMeanSquareKernel } from "../../../src/engine/mean-square.js";
import * as tf from "../../../src/engine/tf.js";
import { drawn } from "../../material.js";
import type { RewriteWork } from "../../work.js";
import { signal } from "./convolutions.js";
import type { Form, Rewrite } from "./form.js";
import { asWritten, floats, inPlanes, recorded } from "./form.js";

const shapeOf = ({ batch, size, channels }: RewriteWork) => [batch, size, size, channels];

/** Mean squares of samples: as products with themselves, and as squares and their mean. */
export function sampleProducts(work: RewriteWork): Rewrite {
  return {
    given: { x: signal("x", shapeOf(work)) },
    shape: [work.batch],
    rewritten: asWritten((graph, { x }) => [recorded(graph, sampleMeanSquareKernel, { x: x! })]),
    plain: inPlanes((graph, { x }) => {
      const planes = x!.in("planes");
      const squares = graph.node("Mul", [planes, planes]);
      const value = graph.node("ReduceMean", [squares], { axes: [1, 2, 3], keepdims: 0 });
      return [floats(graph, { value, layout: "rows" }, [work.batch])];
    }),
  };
}

/** The mean over positions: by pooling in blocks, and as a reduction. */
export function blockPooling(work: RewriteWork): Rewrite {
  const shape = [work.batch, 1, 1, work.channels];
  return {
    given: { x: signal("x", shapeOf(work)) },
    shape,
    rewritten: asWritten((graph, { x }) => [
      recorded(graph, tf.Mean, { x: x! }, { axis: [1, 2], keepDims: true }),
    ]),
    plain: inPlanes((graph, { x }) => {
      const value = graph.node("ReduceMean", [x!.in("planes")], { axes: [2, 3], keepdims: 1 });
      return [floats(graph, { value, layout: "planes" }, shape)];
    }),
  };
}

/** A factor, a shift and a ReLU a channel: as one convolution, and as three operations. */
export function depthwiseAffine(work: RewriteWork): Rewrite {
  const vector = (name: string) => ({
    shape: [work.channels],
    values: drawn(`rewrite.${name}`, [work.channels], 1),
  });
  const append: Form["append"] = (graph, { x, scale, shift }) => {
    const scaled = recorded(graph, tf.Multiply, { a: x!, b: scale! });
    const shifted = recorded(graph, tf.Add, { a: scaled, b: shift! });
    return [recorded(graph, tf.Relu, { x: shifted })];
  };
  return {
    given: { x: signal("x", shapeOf(work)), scale: vector("scale"), shift: vector("shift") },
    shape: shapeOf(work),
    rewritten: asWritten(append),
    plain: inPlanes(append),
  };
}

/** ReLU's cotangent: by a mask from its output, and by a choice from its input. */
export function mask(work: RewriteWork): Rewrite {
  const shape = shapeOf(work);
  const x = signal("x", shape);
  const y = { shape, values: x.values.map((value) => Math.max(value, 0)) };
  return {
    given: { dy: signal("dy", shape), x, y },
    shape,
    rewritten: asWritten((graph, given) => [
      recorded(graph, reluGrad, { dy: given["dy"]!, y: given["y"]! }),
    ]),
    plain: inPlanes((graph, given) => {
      const zero = graph.scalar(0);
      const above = graph.node("Greater", [given["x"]!.in("planes"), zero]);
      const value = graph.node("Where", [above, given["dy"]!.in("planes"), zero]);
      return [floats(graph, { value, layout: "planes" }, shape)];
    }),
  };
}
