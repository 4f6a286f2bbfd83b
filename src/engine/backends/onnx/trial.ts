import { newGraph } from "./graph.js";
import type { NativeSession, Provider } from "./runtime.js";
import { elementsIn, loadSession } from "./runtime.js";

/**
 * Computes one number on a GPU; the session is the caller's.
 * Errors thrown: `Error` when there is no GPU, or it computes wrongly.
 */
export function tryOut(provider: Provider): NativeSession {
  const graph = newGraph(0, true);
  const x = graph.input([1]);
  const value = graph.node("Relu", [x]);
  const encoded = graph.encode([{ value, shape: [1], type: "float32" }]);
  const { session } = loadSession(encoded, provider);
  const fed = { type: "float32", data: Float32Array.of(0.6), dims: [1], location: "cpu" } as const;
  const found = elementsIn(session.run({ [x]: fed }, { [value]: null }, {}), value)[0];
  if (found === Math.fround(0.6)) return session;
  session.dispose();
  throw new Error(`the GPU computes max(0.6, 0) as ${found}`);
}
