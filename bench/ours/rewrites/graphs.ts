import type { Graph } from "../../../src/engine/backends/onnx/graph.js";
import type { Operand } from "../../../src/engine/backends/onnx/operand.js";
import * as tf from "../../../src/engine/tf.js";
import type { RewriteWork } from "../../work.js";
import { filterOf, signal, window3x3 } from "./convolutions.js";
import type { Rewrite } from "./form.js";
import { asWritten, recorded } from "./form.js";

const strides = { strides: [1, 1] };

/** A convolution 3x3 with a ReLU. */
function unit(graph: Graph, x: Operand, filter: Operand): Operand {
  const y = recorded(graph, tf.Conv2D, { x, filter }, { ...window3x3, ...strides });
  return recorded(graph, tf.Relu, { x: y });
}

function given({ batch, size, channels, outputs = channels }: RewriteWork) {
  const x = signal("x", [batch, size, size, channels]);
  const filter = filterOf(3, channels, outputs);
  return { given: { x, filter }, shape: [batch, size, size, outputs] };
}

/**
 * The same convolution asked for twice, as two passes over a network ask for it. The plain form
 * gets its input under two names, so that nobody can know that both are equal.
 */
export function equalOperations(work: RewriteWork): Rewrite {
  const { given: once, shape } = given(work);
  return {
    given: { ...once, again: once.x },
    shape,
    rewritten: asWritten((graph, { x, filter }) => [
      unit(graph, x!, filter!),
      unit(graph, x!, filter!),
    ]),
    plain: asWritten((graph, { x, again, filter }) => [
      unit(graph, x!, filter!),
      unit(graph, again!, filter!),
    ]),
  };
}

/**
 * A convolution whose result somebody reads, and the cotangent of its input, which nobody does. The
 * plain form hands out both, so that both are computed.
 */
export function deadNodes(work: RewriteWork): Rewrite {
  const { given: read, shape } = given(work);
  const attributes = { ...window3x3, ...strides, inputShape: read.x.shape };
  const both = (graph: Graph, { x, filter }: Readonly<Record<string, Operand>>) => {
    const y = unit(graph, x!, filter!);
    const dy = { dy: y, filter: filter! };
    const dead = recorded(graph, tf.Conv2DBackpropInput, dy, attributes);
    dead.in(dead.layout);
    return [y, dead];
  };
  return {
    given: read,
    shape,
    rewritten: asWritten((graph, operands) => both(graph, operands).slice(0, 1)),
    plain: asWritten(both),
  };
}
