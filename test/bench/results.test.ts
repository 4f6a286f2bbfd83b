import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ratiosOf } from "../../bench/goals.js";
import { historyLines, record } from "../../bench/history.js";
import { lineOf, rowOf } from "../../bench/row.js";
import { ratioTable, rowTable } from "../../bench/table.js";
import type { Case } from "../../bench/work.js";
import { inFolder } from "../support/program.js";

const row: Case = {
  name: "some-net",
  work: { job: "normals", count: 7 },
  contenders: [
    { who: "ours", side: "ours", role: "ours" },
    { who: "nchw", side: "peer", role: "best" },
    { who: "channels-last", side: "peer", role: "best" },
    { who: "user", side: "peer", role: "usual" },
    { who: "tuned", side: "peer", role: "tuned" },
    { who: "bfloat16", side: "peer", role: "extra" },
  ],
  goals: [
    { against: "best", mustReach: 0.85, aim: 0.75 },
    { against: "usual", mustReach: 0.55, aim: 0.45 },
    { against: "tuned", mustReach: 0.9, aim: 0.8 },
    { against: "memory", mustReach: 1, aim: 0.5 },
    { against: "ms", mustReach: 120, aim: 60 },
  ],
};

function made(who: string, median: number, quiet: number | null, peak: number | null = null) {
  const summary = { median, min: median - 1.5, quiet, reps: 9 };
  return rowOf({ job: "spp", case: row.name, who }, summary, 3e9, 2e-6, peak);
}

const rows = [
  made("ours", 80, 7, 900),
  made("nchw", 130, 7, 2000),
  made("channels-last", 100, 7, 1500),
  made("user", 150, 7, 4000),
  made("tuned", 64, 7, 700),
  made("bfloat16", 20, null, 100),
];

describe("a row", () => {
  it("is one line of JSON with these fields and rates at the median", () => {
    const line = lineOf(made("ours", 80, 7));
    expect(line).not.toContain("\n");
    expect(JSON.parse(line)).toEqual({
      job: "spp",
      case: "some-net",
      who: "ours",
      median_ms: 80,
      min_ms: 78.5,
      quiet: 7,
      reps: 9,
      gflops: 37.5,
      agreement: 2e-6,
      peak_mb: null,
    });
  });
});

describe("ratios", () => {
  it("divide by the best row of the role that the goal names", () => {
    expect(ratiosOf("spp", row, rows).map(({ value }) => value)).toEqual([
      80 / 100,
      80 / 150,
      80 / 64,
      900 / 1500,
      80,
    ]);
  });

  it("leave out what one side alone cannot tell", () => {
    const [own] = rows;
    expect(ratiosOf("spp", row, [own!]).map(({ goal }) => goal.against)).toEqual(["ms"]);
    expect(ratiosOf("spp", row, rows.slice(1))).toEqual([]);
  });

  it("are shown without a bound where a goal has none", () => {
    const none = Number.POSITIVE_INFINITY;
    const goals = [{ against: "best", mustReach: none, aim: none }] as const;
    const [ratio] = ratiosOf("spp", { ...row, goals }, rows);
    expect(ratio!.value).toBe(0.8);
    expect(ratioTable([ratio!]).split("\n")[2]).toMatch(/0\.80 +- +- +-$/);
  });
});

describe("the tables", () => {
  it("give one line a row, with the share of the ceiling and how many were quiet", () => {
    const lines = rowTable(rows, 150).split("\n");
    expect(lines).toHaveLength(2 + rows.length);
    expect(lines[0]).toMatch(/^case +who +median ms +min ms +quiet +GFLOP\/s +of ceiling/);
    expect(lines[2]).toMatch(/^some-net +ours +80\.0 +78\.5 +7 of 9 +37\.5 +25 % +2\.0e-6 +900$/);
    expect(lines[7]).toMatch(/\? of 9/);
  });

  it("say what was reached and what was missed", () => {
    const verdicts = ratioTable(ratiosOf("spp", row, rows))
      .split("\n")
      .slice(2);
    expect(verdicts[0]).toMatch(/best peer row +0\.80 +0\.85 +0\.75 +reached$/);
    expect(verdicts[2]).toMatch(/tuned statistics +1\.25 +0\.90 +0\.80 +MISSED$/);
    expect(verdicts[3]).toMatch(/memory +0\.60 +1\.00 +0\.50 +reached$/);
    expect(verdicts[4]).toMatch(/milliseconds +80 +120 +60 +reached$/);
    const [best] = ratiosOf("spp", row, [made("ours", 90, 7), ...rows.slice(1)]);
    expect(ratioTable([best!])).toMatch(/0\.90 .* MISSED$/);
    const [quick] = ratiosOf("spp", row, [made("ours", 70, 7), ...rows.slice(1)]);
    expect(ratioTable([quick!])).toMatch(/0\.70 .* aim reached$/);
  });
});

describe("the history", () => {
  const occasion = {
    version: "0.4.0",
    date: "2031-02-03",
    machine: "some processor, 3 processors",
    backend: "onnx",
    threads: 3,
    peer: "PyTorch 9.8.7 on cpu",
  };

  it("keeps one line a ratio and what it was measured with", () => {
    const lines = historyLines(ratiosOf("spp", row, rows), occasion);
    expect(lines).toHaveLength(5);
    const expected = { ...occasion, job: "spp", case: "some-net", against: "usual", ratio: 0.5333 };
    expect(JSON.parse(lines[1]!)).toEqual(expected);
  });

  it("is appended to, never written anew", async () => {
    await inFolder((folder) => {
      const file = join(folder, "history.jsonl");
      const ratios = ratiosOf("spp", row, rows);
      record(file, ratios.slice(0, 1), occasion);
      record(file, ratios.slice(1), { ...occasion, version: "0.5.0" });
      const lines = readFileSync(file, "utf8").trimEnd().split("\n");
      const versions = lines.map((line) => JSON.parse(line).version);
      expect(versions).toEqual(["0.4.0", "0.5.0", "0.5.0", "0.5.0", "0.5.0"]);
    });
  });
});
