import { describe, expect, it } from "vitest";
import type { Clock } from "../../bench/rounds.js";
import { rounds } from "../../bench/rounds.js";
import type { Repetition } from "../../bench/statistics.js";

/** A clock that moves when somebody pauses or works. */
function clockAt(): Clock & { move(ms: number): void } {
  let now = 0;
  const move = (ms: number) => {
    now += ms;
  };
  return { now: () => now, move, pause: async (ms) => move(ms) };
}

const everyone = ["ours", "nchw", "user"];
const plan = { reps: 4, longestWait: 10_000 };

/** Runs rounds in which `foreign` decides how noisy the n-th repetition of all was. */
async function play(foreign: (n: number) => number, work = 100) {
  const clock = clockAt();
  const order: string[] = [];
  const time = async (who: string, repetition: number): Promise<Repetition> => {
    clock.move(work);
    order.push(`${who} ${repetition}`);
    return { ms: work, foreign: foreign(order.length - 1) };
  };
  return { found: await rounds(everyone, plan, time, clock), order, clock };
}

describe("rounds on a quiet machine", () => {
  it("time everyone as often as asked, in turn, each starting in turn", async () => {
    const { found, order } = await play(() => 0);
    expect([...found.values()].map((all) => all.length)).toEqual([4, 4, 4]);
    const starts = [0, 1, 2, 3].map((round) => order[3 * round]);
    expect(starts).toEqual(["ours 0", "nchw 1", "user 2", "ours 3"]);
    for (let round = 0; round < 4; round++) {
      const names = order.slice(3 * round, 3 * round + 3).map((word) => word.split(" ")[0]);
      expect(names.sort()).toEqual([...everyone].sort());
    }
  });
});

describe("rounds on a noisy machine", () => {
  it("go on until everyone has enough quiet repetitions", async () => {
    const { found } = await play((n) => (n < 6 ? 0.5 : 0));
    expect([...found.values()].map((all) => all.length)).toEqual([6, 6, 6]);
  });

  it("end when the wait is over, with as many repetitions as asked at the least", async () => {
    const noisy = await play(() => 0.5);
    // A round takes 3 (100 + 200) ms, so 12 of them reach 10 s.
    expect(noisy.found.get("ours")).toHaveLength(12);
    const slow = await play(() => 0.5, 9000);
    expect(slow.found.get("ours")).toHaveLength(plan.reps);
  });
});
