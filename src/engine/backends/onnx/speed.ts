import type { Encoded } from "./graph.js";
import { newGraph } from "./graph.js";
import type { NativeSession, Provider } from "./runtime.js";
import { elementsIn, loadSession } from "./runtime.js";

const channels = 64;
const side = 32;

/** A chain of 3x3 convolutions of 64 channels on an image of 32x32, and the mean at its end. */
interface Chain {
  readonly encoded: Encoded;
  readonly image: string;
  readonly mean: string;
}

function chainOf(length: number): Chain {
  const graph = newGraph(0, true);
  const image = graph.input([1, channels, side, side]);
  const weights = new Float32Array(channels * channels * 9).fill(1 / (channels * 9));
  const filter = graph.constant(weights, [channels, channels, 3, 3], "float32");
  const attributes = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
  const signal = Array.from({ length }).reduce<string>(
    (x) => graph.node("Relu", [graph.node("Conv", [x, filter], attributes)]),
    image,
  );
  const mean = graph.node("ReduceMean", [signal], { keepdims: 0 });
  return { encoded: graph.encode([{ value: mean, shape: [], type: "float32" }]), image, mean };
}

function secondsOf(session: NativeSession, { image, mean }: Chain): number {
  const dims = [1, channels, side, side];
  const data = new Float32Array(channels * side * side).fill(0.6);
  const fed = { type: "float32", data, dims, location: "cpu" } as const;
  const start = performance.now();
  elementsIn(session.run({ [image]: fed }, { [mean]: null }, {}), mean);
  return (performance.now() - start) / 1000;
}

/** Seconds a provider takes for a chain: the better of two runs, after one that may compile. */
function secondsOn(provider: Provider, chain: Chain): number {
  const { session } = loadSession(chain.encoded, provider);
  const [, second, third] = [0, 1, 2].map(() => secondsOf(session, chain));
  session.dispose();
  return Math.min(second!, third!);
}

/** Convolutions in a chain: a GPU in software is told by one, real ones by enough work for them. */
const lengths = [1, 12] as const;

/** A GPU that is ten times as slow at one convolution, where it mostly waits, is none. */
const tolerated = 10;

/** Whether a GPU computes convolutions more quickly than the CPU does. */
export function isQuicker(gpu: Provider, cpu: Provider): boolean {
  const [short, long] = lengths.map(chainOf) as [Chain, Chain];
  if (secondsOn(gpu, short) > tolerated * secondsOn(cpu, short)) return false;
  return secondsOn(gpu, long) < secondsOn(cpu, long);
}
