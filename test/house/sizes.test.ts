import { describe, expect, it } from "vitest";
import { brokenBudgets, measure, measureText, median, sizeTable } from "../../scripts/size.mjs";
import { root } from "./sources.js";

describe("the source", () => {
  it("keeps the budgets of files and functions, and holds no any", () => {
    expect(brokenBudgets(measure(root))).toEqual([]);
  });
});

describe("the measure", () => {
  const text = [
    "/** Said. */",
    "function f(x: any) {",
    "  return [1].map((y) => y + 1);",
    "}",
    "const g = () =>",
    "  2;",
    "declare function h(): void;",
    "",
  ].join("\n");

  it("counts lines, functions with a body and uses of any", () => {
    const { file, functions, any } = measureText("core/a.ts", text);
    expect(file.lines).toBe(7);
    expect(functions.map(({ name, line, lines }) => [name, line, lines])).toEqual([
      ["f", 2, 3],
      ["callback", 3, 1],
      ["g", 5, 2],
    ]);
    expect(any).toEqual([{ path: "core/a.ts", line: 2 }]);
  });

  it("does not count words in comments and texts", () => {
    expect(measureText("core/a.ts", 'const a = "any"; // any').any).toEqual([]);
  });

  it("names each broken budget", () => {
    const path = "core/a.ts";
    const broken = brokenBudgets({
      files: [{ path, lines: 401 }],
      functions: [{ path, line: 3, name: "f", lines: 61 }],
      any: [{ path, line: 9 }],
    });
    expect(broken).toEqual([
      "src/core/a.ts: 401 lines; allowed: 400",
      "src/core/a.ts:3: f has 61 lines; allowed: 60",
      "src/core/a.ts:9: any",
      "median file: 401 lines; allowed: under 120",
      "median function: 61 lines; allowed: under 10",
    ]);
  });

  it("takes the middle of the numbers", () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBe(0);
  });

  it("prints one line a quantity", () => {
    const lines = sizeTable({
      files: [{ path: "core/a.ts", lines: 7 }],
      functions: [{ path: "core/a.ts", line: 2, name: "f", lines: 3 }],
      any: [],
    }).split("\n");
    expect(lines).toHaveLength(8);
    expect(lines[3]).toMatch(/^largest file +7 {2}400 at most; core\/a\.ts$/);
  });
});
