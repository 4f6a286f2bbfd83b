import * as tf from "../tf.js";

/** A step of the forward pass, as TensorFlow.js notes it for the way back. */
interface Step {
  readonly outputs: readonly tf.Tensor[];
}

type Note = (
  kernelName: string,
  inputs: tf.NamedTensorMap,
  outputs: tf.Tensor[],
  gradient: unknown,
  saved: readonly tf.Tensor[],
  attributes: tf.NamedAttrMap,
) => void;

/** Puts the last step before the copies that it saved. */
function putBeforeCopies(tape: Step[], saved: readonly tf.Tensor[]): void {
  const copies = new Set(saved.map(({ id }) => id));
  let place = tape.length - 1;
  while (place > 0 && tape[place - 1]!.outputs.some(({ id }) => copies.has(id))) place--;
  if (place < tape.length - 1) tape.splice(place, 0, tape.pop()!);
}

/**
 * Makes derivatives of derivatives see through saved outputs. TensorFlow.js notes the copies of
 * what an operation saves before the operation, so that copies of its output seem to come from
 * nowhere: second derivatives of exp, tanh, division and the like then lack a term.
 */
export function orderTape(): void {
  const engine = tf.engine();
  const note: Note = Reflect.get(engine, "addTapeNode");
  const noteInOrder: Note = (...step) => {
    note.apply(engine, step);
    putBeforeCopies(engine.state.activeTape, step[4]);
  };
  Reflect.set(engine, "addTapeNode", noteInOrder);
}
