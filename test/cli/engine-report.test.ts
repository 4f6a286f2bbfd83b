import { describe, expect, it } from "vitest";
import { engineReport } from "../../src/cli/engine-report.js";
import { formatBytes } from "../../src/core/bytes.js";
import { noCounters } from "../../src/engine/evaluation.js";

describe("what the engine did", () => {
  it("is told in three lines", () => {
    const counters = {
      ...noCounters(),
      runs: 3,
      compiled: 1,
      recorded: 600,
      nodes: 570,
      lowerMilliseconds: 4.4,
      encodeMilliseconds: 12.6,
      loadMilliseconds: 80,
      fixedMilliseconds: 31,
      runMilliseconds: 1300.2,
      bytesIn: 1_200_000,
      bytesOut: 60_001,
    };
    expect(engineReport(counters)).toEqual([
      "engine: 3 graphs run, 1 compiled; 600 operations recorded, 570 nodes run",
      "engine: 4 ms choosing nodes, 13 ms encoding, 80 ms loading, 31 ms laying out new parameters, 1300 ms running",
      "engine: 2 MB uploaded, 61 kB returned",
    ]);
  });

  it("is nothing on a backend that records no graphs", () => {
    expect(engineReport(noCounters())).toEqual([
      "engine: this backend computes every operation by itself",
    ]);
  });

  it("counts bytes for people", () => {
    expect([3_210_000_000, 11_500_000, 60_001].map(formatBytes)).toEqual([
      "3.2 GB",
      "12 MB",
      "61 kB",
    ]);
  });
});
