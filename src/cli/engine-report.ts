import { formatBytes } from "../core/bytes.js";
import type { EngineCounters } from "../engine/evaluation.js";

const milliseconds = (time: number): string => `${Math.round(time)} ms`;

/** What a backend of graphs did, a line each for graphs, times and bytes. */
export function engineReport(counters: EngineCounters): readonly string[] {
  const { runs, compiled, recorded, nodes, bytesIn, bytesOut } = counters;
  if (runs === 0) return ["engine: this backend computes every operation by itself"];
  const times = [
    `${milliseconds(counters.lowerMilliseconds)} choosing nodes`,
    `${milliseconds(counters.encodeMilliseconds)} encoding`,
    `${milliseconds(counters.loadMilliseconds)} loading`,
    `${milliseconds(counters.fixedMilliseconds)} laying out new parameters`,
    `${milliseconds(counters.runMilliseconds)} running`,
  ];
  const graphs = runs === 1 ? "1 graph" : `${runs} graphs`;
  return [
    `engine: ${graphs} run, ${compiled} compiled; ${recorded} operations recorded, ${nodes} nodes run`,
    `engine: ${times.join(", ")}`,
    `engine: ${formatBytes(bytesIn)} uploaded, ${formatBytes(bytesOut)} returned`,
  ];
}
