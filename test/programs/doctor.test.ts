import { describe, expect, it } from "vitest";
import { backendNames } from "../../src/engine/index.js";
import { isoscope } from "../support/program.js";

interface Finding {
  readonly what: string;
  readonly state: string;
  readonly needs?: string;
  readonly gflops?: number;
}

const findingsOf = (text: string) =>
  (JSON.parse(text) as { readonly findings: readonly Finding[] }).findings;

describe("isoscope doctor", () => {
  it("tells of each backend whether it is there, what it needs, and how quick it is", () => {
    const { code, out, err } = isoscope(["doctor", "--json"]);
    expect({ code, err }).toMatchObject({ code: 0 });
    const findings = findingsOf(out);
    const named = findings.filter(({ what }) => what.startsWith("backend "));
    expect(named.map(({ what }) => what)).toEqual(backendNames.map((name) => `backend ${name}`));
    for (const { state, needs, gflops } of named) {
      expect(needs).toMatch(/\w/);
      // Plain JavaScript on a slow processor reaches a tenth of one.
      if (state === "works") expect(gflops).toBeGreaterThan(0.05);
      else expect(gflops).toBeUndefined();
    }
    expect(findings.find(({ what }) => what === "backend cpu")?.state).toBe("works");
  });

  it("tells what the engine does, when it is asked", () => {
    const { code, out } = isoscope(["doctor", "--quick", "--engine"]);
    expect(code).toBe(0);
    expect(out).toMatch(/first pass: engine: 1 graph run, 1 compiled; \d+ operations recorded/);
    expect(out).toMatch(/again: engine: 1 graph run, 0 compiled/);
  });

  it("leaves the speed out when it shall be quick, and says what a missing backend needs", () => {
    const { code, out } = isoscope(["doctor", "--quick"]);
    expect(code).toBe(0);
    expect(out).not.toMatch(/GFLOP\/s/);
    expect(out).toMatch(/backend tensorflow .*isoscope setup tensorflow/s);
    expect(out).toMatch(/charts .* works/);
  });
});
