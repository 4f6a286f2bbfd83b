import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../support/program.js";

describe("npm run bench", () => {
  it("times every kind of work of ours alone and gives one JSON line a row", () => {
    const cases = "tiny-b4,tiny-b4-draw,tiny-b4-memory,tiny-bn-b8,8x8x16-dw,normals-100000";
    const words = ["--quick", "--only", "ours", "--json", "--reps", "2", "--wait", "0"];
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, "scripts", "bench.mjs"), ...words, "--cases", cases],
      { cwd: root, encoding: "utf8" },
    );
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const [ceiling, ...rows] = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(ceiling).toMatchObject({ job: "machine", case: "ceiling" });
    expect(ceiling.gflops).toBeGreaterThan(0);
    expect(rows.map((row) => row.case).join()).toBe(cases);
    for (const row of rows) {
      expect(row).toMatchObject({ who: "ours", agreement: null });
      expect(row.min_ms).toBeGreaterThan(0);
      expect(row.median_ms).toBeGreaterThanOrEqual(row.min_ms);
      expect(row.reps).toBeGreaterThanOrEqual(2);
    }
  });
});
