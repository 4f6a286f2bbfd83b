import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runCase } from "../../bench/contest.js";
import type { Command, Side } from "../../bench/side.js";
import type { Case, Contender } from "../../bench/work.js";
import { encodeSafetensors } from "../../src/core/safetensors.js";
import { inFolder } from "../support/program.js";

const contender = (who: string, side: Contender["side"]): Contender => ({
  who,
  side,
  role: side === "ours" ? "ours" : "best",
});

const row: Case = {
  name: "numbers",
  work: { job: "normals", count: 7 },
  contenders: [contender("ours", "ours"), contender("a", "peer"), contender("b", "peer")],
  goals: [],
};

const milliseconds: Readonly<Record<string, number>> = { ours: 60, a: 40, b: 500 };

/** Sides that answer at once, and what they were asked. */
function pretended(numbers: { readonly ours: number; readonly peer: number }) {
  const asked: string[] = [];
  let open = 0;
  const opener = async ({ side }: Contender): Promise<Side> => {
    open++;
    asked.push(`open ${side}`);
    return {
      pid: process.pid,
      close: async () => {
        open--;
      },
      ask: async (command: Command) => {
        const { who, calls, file } = command;
        asked.push([command.do, side, who, calls].filter((x) => x !== undefined).join(" "));
        if (command.do === "time") return { ms: milliseconds[who as string] };
        if (command.do === "check") {
          const values = Float32Array.of(numbers[side]);
          writeFileSync(file as string, encodeSafetensors([{ name: "x", shape: [1], values }]));
        }
        return {};
      },
    };
  };
  return { opener, asked, open: () => open };
}

const plan = { reps: 2, longestWait: 0 };

async function run(one: Case, numbers = { ours: 1.03, peer: 1 }) {
  const sides = pretended(numbers);
  const outcome = await inFolder((folder) =>
    runCase({ job: "random", row: one, plan, counters: false, open: sides.opener, folder }),
  );
  return { ...outcome, asked: sides.asked, open: sides.open() };
}

describe("a contest", () => {
  it("starts one process a side, warms everyone, then times everyone in turn", async () => {
    const { asked, open } = await run(row);
    expect(asked.filter((words) => words.startsWith("open"))).toEqual(["open ours", "open peer"]);
    const timed = asked.filter((words) => words.startsWith("time"));
    const warm = ["ours ours", "ours ours", "peer a", "peer a", "peer b", "peer b"];
    expect(timed.slice(0, 6)).toEqual(warm.map((words) => `time ${words} 1`));
    // Two calls of 60 ms and three of 40 ms, so that a repetition lasts 120 ms; one of 500 ms.
    expect(timed.slice(6)).toEqual([
      "time ours ours 2",
      "time peer a 3",
      "time peer b 1",
      "time peer a 3",
      "time peer b 1",
      "time ours ours 2",
    ]);
    expect(open).toBe(0);
  });

  it("gives one row a contender and the difference of both sides in all of them", async () => {
    const { rows, agreement } = await run(row);
    expect(rows.map(({ who, median_ms, reps }) => [who, median_ms, reps])).toEqual([
      ["ours", 60, 2],
      ["a", 40, 2],
      ["b", 500, 2],
    ]);
    expect(agreement!.name).toBe("x");
    // 1.03 is not a float32 number, its rounding shows at 1e-8.
    for (const found of rows) expect(found.agreement).toBeCloseTo(0.03, 6);
  });

  it("compares nothing when one side is left out", async () => {
    const alone = { ...row, contenders: row.contenders.slice(1) };
    const { agreement, rows, asked } = await run(alone);
    expect(agreement).toBeNull();
    expect(rows).toHaveLength(2);
    expect(asked.some((words) => words.startsWith("check"))).toBe(false);
  });

  it("runs two forms of ours in one process and compares them", async () => {
    const plain: Contender = { who: "b", side: "ours", role: "plain" };
    const forms = { ...row, contenders: [row.contenders[0]!, plain] };
    const { agreement, asked, rows } = await run(forms, { ours: 1.03, peer: 1 });
    expect(asked.filter((words) => words.startsWith("open"))).toEqual(["open ours"]);
    const checked = asked.filter((words) => words.startsWith("check"));
    expect(checked).toEqual(["check ours ours", "check ours b"]);
    expect(agreement).toEqual({ difference: 0, name: "x" });
    expect(rows.map(({ who }) => who)).toEqual(["ours", "b"]);
  });

  it("closes every process when one fails", async () => {
    const sides = pretended({ ours: 1, peer: 1 });
    const failing = async (one: Contender): Promise<Side> => {
      const side = await sides.opener(one);
      const ask = async (command: Command) => {
        if (one.side === "peer" && command.do === "prepare") throw new Error("planted");
        return side.ask(command);
      };
      return { ...side, ask };
    };
    const running = inFolder((folder) =>
      runCase({ job: "random", row, plan, counters: false, open: failing, folder }),
    );
    await expect(running).rejects.toThrow("planted");
    expect(sides.open()).toBe(0);
  });

  it("for memory starts a process for every contender, one after the other", async () => {
    const { asked, rows } = await run({ ...row, memory: true });
    expect(asked.filter((words) => words.startsWith("open"))).toHaveLength(3);
    expect(rows.map(({ peak_mb }) => (peak_mb ?? 1) > 0)).toEqual([true, true, true]);
  });
});
