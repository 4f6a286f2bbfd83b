import type { Opener } from "./contest.js";
import type { Options } from "./options.js";
import { watched } from "./processor.js";
import { wallClock } from "./rounds.js";
import type { Side } from "./side.js";
import { isQuiet } from "./statistics.js";
import type { Contender } from "./work.js";

/** Rate of the machine in float32, and what reached it. */
export interface Ceiling {
  readonly gflops: number;
  readonly of: string;
}

/** The sides as they are before the first case: who the peer is, and what the machine can do. */
export interface Machine {
  readonly ceiling: Ceiling | null;
  readonly peer: string;
}

/** Backends of ours that can come near the machine's limit; the others would take minutes. */
const quickBackends: readonly string[] = ["onnx", "tensorflow", "cuda"];

/** One contender a kind of side, of those that are asked for the ceiling. */
function askedForCeiling(contenders: readonly Contender[], { backends }: Options) {
  const ours = contenders.find((one) => one.side === "ours");
  const fast = quickBackends.includes(ours?.backend ?? backends[0]!);
  const peer = contenders.find((one) => one.side === "peer");
  return [fast ? ours : undefined, peer].filter((one) => one !== undefined);
}

/** How often the ceiling is measured again while others use the machine. */
const mostTries = 8;

const pauseBetween = 1000;

/** The best of some measurements of the ceiling: of one on a quiet machine, or of many. */
async function ceilingOf(side: Side, quick: boolean): Promise<Ceiling> {
  let best: Ceiling = { gflops: 0, of: "" };
  for (let k = 0; k < (quick ? 1 : mostTries); k++) {
    if (k > 0) await wallClock.pause(pauseBetween);
    const asked = () => side.ask({ do: "ceiling", quick });
    const { result, foreign } = await watched([process.pid, side.pid], asked);
    const gflops = Number(result["gflops"]);
    if (gflops > best.gflops) best = { gflops, of: String(result["of"]) };
    if (isQuiet({ ms: 0, foreign })) break;
  }
  return best;
}

/** Starts each kind of side that takes part, asks, and closes it again. */
export async function askMachine(
  contenders: readonly Contender[],
  open: Opener,
  options: Options,
): Promise<Machine> {
  let [ceiling, peer]: [Ceiling | null, string] = [null, "none"];
  for (const contender of askedForCeiling(contenders, options)) {
    const side: Side = await open(contender);
    try {
      const name = String((await side.ask({ do: "about" }))["name"]);
      if (contender.side === "peer") peer = name;
      const { gflops, of } = await ceilingOf(side, options.quick);
      if (gflops > (ceiling?.gflops ?? 0)) ceiling = { gflops, of: `${name}, ${of}` };
    } finally {
      await side.close();
    }
  }
  return { ceiling, peer };
}
