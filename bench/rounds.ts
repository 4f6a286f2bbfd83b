import type { Repetition } from "./statistics.js";
import { isQuiet } from "./statistics.js";

/** How often and how long. */
export interface Plan {
  /** Quiet repetitions wanted of everyone. */
  readonly reps: number;
  /** Milliseconds after which a noisy machine is taken as it is. */
  readonly longestWait: number;
}

/** How time passes. */
export interface Clock {
  now(): number;
  pause(ms: number): Promise<void>;
}

/** The clock on the wall. */
export const wallClock: Clock = {
  now: () => performance.now(),
  pause: (ms) => new Promise((resume) => setTimeout(resume, ms)),
};

/** After a repetition, for threads that still spin. */
const settle = 50;

/** After a noisy repetition. */
const noisyPause = 200;

/** Everyone starts a round in turn, so that no one always follows the same other. */
function turned<T>(list: readonly T[], by: number): readonly T[] {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

/**
 * Times everyone once a round, `time(who, repetition)`, until everyone has enough quiet
 * repetitions, or enough of any kind when the wait is over.
 */
export async function rounds(
  everyone: readonly string[],
  plan: Plan,
  time: (who: string, repetition: number) => Promise<Repetition>,
  clock: Clock = wallClock,
): Promise<ReadonlyMap<string, readonly Repetition[]>> {
  const found = new Map<string, Repetition[]>(everyone.map((who) => [who, []]));
  const start = clock.now();
  const enough = () => {
    const quiet = [...found.values()].every((all) => all.filter(isQuiet).length >= plan.reps);
    return quiet || clock.now() - start >= plan.longestWait;
  };
  for (let round = 0; round < plan.reps || !enough(); round++) {
    for (const who of turned(everyone, round)) {
      const repetition = await time(who, round);
      found.get(who)!.push(repetition);
      await clock.pause(isQuiet(repetition) ? settle : noisyPause);
    }
  }
  return found;
}
