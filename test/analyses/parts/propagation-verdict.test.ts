import { describe, expect, it } from "vitest";
import type { Direction } from "../../../src/analyses/parts/propagation-row.js";
import { propagationVerdicts } from "../../../src/analyses/parts/propagation-verdict.js";
import { summaryTable } from "../../../src/analyses/parts/table.js";
import { type Planted, plantedRows, stagesOf } from "../synthetic-rows.js";

const stages = stagesOf([3, 4, 6, 3]);

function network(value: Planted["value"], more: Partial<Planted> = {}): Planted {
  return { architecture: "planted", stages, value, ...more };
}

function verdict(planted: Planted, direction: Direction) {
  const found = propagationVerdicts(plantedRows([planted]));
  return found.find(({ aspect }) => aspect === `variance ${direction}`)!;
}

const stageOf = (block: number) => stages[block - 1]!;

describe("verdicts on signal propagation", () => {
  it("call a steady signal preserved", () => {
    const found = verdict(
      network((k) => 0.6 * 1.02 ** k),
      "forward",
    );
    expect(found.statement).toBe("preserved forward (x1.02 a block)");
    expect(found.level).toBe("good");
    expect(found.value).toBeCloseTo(1.02, 12);
    expect(found.predicted).toBeNull();
  });

  it("call exponential growth to the input an explosion, with the theory beside it", () => {
    const backward = (k: number) => 1e-4 * 1.58 ** (16 - k);
    const found = verdict(
      network(backward, { predicted: (k) => 1e-4 * 1.55 ** (16 - k) }),
      "backward",
    );
    expect(found.statement).toBe("explodes x1.58 a block backward, x955 in all");
    expect(found.level).toBe("bad");
    expect(found.predicted).toBeCloseTo(1.55, 12);
  });

  it("call exponential decay vanishing", () => {
    expect(
      verdict(
        network((k) => 0.5 ** k),
        "forward",
      ).statement,
    ).toBe("vanishes x0.50 a block forward, x3.1e-5 in all");
  });

  it("call slow growth that adds up to more than a decade an explosion", () => {
    const long = network((k) => 1.08 ** k, { stages: stagesOf([54]) });
    expect(verdict(long, "forward").statement).toBe(
      "explodes x1.08 a block forward, x59.08 in all",
    );
    const slow = network((k) => 0.93 ** k, { stages: stagesOf([54]) });
    expect(verdict(slow, "forward").statement).toBe(
      "vanishes x0.93 a block forward, x0.021 in all",
    );
  });

  it("call fast growth over few blocks by a smaller word", () => {
    const short = network((k) => 1.3 ** k, { stages: stagesOf([3]) });
    expect(verdict(short, "forward")).toMatchObject({
      statement: "grows x1.30 a block forward",
      level: "warning",
    });
  });

  it("tell switches at stage boundaries from growth", () => {
    const found = verdict(
      network((k) => 0.14 * 0.5 ** (stageOf(k) - 1)),
      "forward",
    );
    expect(found.statement).toBe("switches at stage boundaries forward (x0.50, x0.50, x0.50)");
    expect(found.level).toBe("warning");
    expect(
      verdict(
        network((k) => 0.5 ** stageOf(k)),
        "backward",
      ).statement,
    ).toBe("switches at stage boundaries backward (x2.00, x2.00, x2.00)");
  });

  it("call growth that every stage starts anew by a smaller word, as batch norm's", () => {
    const place = (k: number) => k - stages.indexOf(stageOf(k));
    const found = verdict(
      network((k) => 0.6 * 1.42 ** place(k)),
      "forward",
    );
    expect(found.statement).toBe("grows x1.42 a block forward");
    expect(found.level).toBe("warning");
  });

  it("call a change that stage boundaries make, and blocks do not, no explosion", () => {
    const four = stagesOf([2, 2, 2, 2]);
    const found = verdict(
      network((k) => 0.89 ** k * 0.25 ** four[k - 1]!, { stages: four }),
      "forward",
    );
    expect(found.statement).toBe("shrinks x0.89 a block forward");
  });

  it("name the block at which a signal overflows on its way", () => {
    const lost = network((k, d) =>
      (d === "forward" ? k > 11 : k < 5) ? Number.POSITIVE_INFINITY : 10 ** k,
    );
    expect(verdict(lost, "forward").statement).toBe("overflows at block 12 forward");
    const back = network((k, d) => (d === "backward" && k < 5 ? Number.NaN : 1));
    expect(verdict(back, "backward").statement).toBe("overflows at block 4 backward");
    expect(verdict(back, "backward").level).toBe("bad");
  });

  it("name the block behind which nothing arrives", () => {
    expect(
      verdict(
        network((k) => (k > 6 ? 0 : 1)),
        "forward",
      ).statement,
    ).toBe("vanishes to exactly zero at block 7 forward");
    expect(
      verdict(
        network(() => 0),
        "backward",
      ).level,
    ).toBe("warning");
  });

  it("work for a network of one block and for stages of one block", () => {
    expect(
      verdict(
        network(() => 1.3, { stages: [1] }),
        "forward",
      ).level,
    ).toBe("good");
    const three = network((k) => 0.5 ** k, { stages: [1, 2, 3] });
    expect(verdict(three, "forward").statement).toBe("shrinks x0.50 a block forward");
  });

  it("are one a network and direction, several seeds together, in order of appearance", () => {
    const rows = plantedRows([
      network(() => 1, { seeds: 3, scatter: 0.02 }),
      network(() => 2, { options: "depth=50" }),
    ]);
    const found = propagationVerdicts(rows);
    expect(found.map(({ network, aspect }) => `${network} ${aspect}`)).toEqual([
      "planted variance forward",
      "planted variance backward",
      "planted:depth=50 variance forward",
      "planted:depth=50 variance backward",
    ]);
    expect(found[0]!.standardError).toBeGreaterThan(0);
  });

  it("put a theory of another statistic beside what was measured of that statistic", () => {
    const rows = plantedRows([network((k) => 1.02 ** k, { predicted: (k) => 1.05 ** k })]);
    const moved = rows.map((row) => {
      if (row.statistic === "variance") return { ...row, predicted: null };
      if (row.statistic !== "meanSquare" || row.signal.includes("ch")) return row;
      return { ...row, predicted: row.direction === "forward" ? 1.05 ** row.block! : null };
    });
    const [forward, backward] = propagationVerdicts(moved);
    expect(forward!.statement).toBe(
      "preserved forward (x1.02 a block); mean square x1.02 a block, theory x1.05",
    );
    expect(forward!.predicted).toBeNull();
    expect(backward!.statement).toBe("preserved backward (x0.98 a block)");
    expect(summaryTable(moved).rows[0]!.slice(3)).toEqual([
      "1.05 mean square",
      "✓ preserved",
      expect.stringMatching(/^0\.98/),
      "-",
      "✓ preserved",
    ]);
  });

  it("stand in the summary table beside growth and theory", () => {
    const rows = plantedRows([
      network((k, d) => (d === "forward" ? 1 : 1.3 ** -k), { predicted: () => 1 }),
    ]);
    const table = summaryTable(rows);
    expect(table.rows).toEqual([
      [
        "planted",
        "16",
        "1.00 ± 0",
        "1.00",
        "✓ preserved",
        expect.stringMatching(/^1\.30 ± /),
        "1.00",
        "✗ explodes",
      ],
    ]);
    expect(table.header.length).toBe(table.rows[0]!.length);
  });
});
