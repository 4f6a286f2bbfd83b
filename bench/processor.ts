import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";

/** Linux counts processor time in hundredths of a second, whatever its own clock is. */
const ticksPerSecond = 100;

/** Seconds that are lost in rounding to ticks: one at either end. */
const rounding = 2 / ticksPerSecond;

/** Processors that may be used. */
export const processors = availableParallelism();

/** Busy seconds of all processors, from the text of /proc/stat; stolen time is busy time. */
export function busySeconds(text: string): number {
  const [user, nice, system, , , interrupt, soft, stolen] = text
    .split("\n")[0]!
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const ticks = [user, nice, system, interrupt, soft, stolen];
  return ticks.reduce<number>((sum, n) => sum + (n ?? 0), 0) / ticksPerSecond;
}

/** Seconds that a process and its threads ran, from the text of /proc/PID/stat. */
export function processSeconds(text: string): number {
  // The second field is the program's name in brackets and may hold anything.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Peak of resident memory in MB (10^6 bytes), from the text of /proc/PID/status. */
export function peakMegabytes(text: string): number | null {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(text);
  return found === null ? null : (Number(found[1]) * 1024) / 1e6;
}

/** What was used up to a moment, in seconds. */
export interface Usage {
  readonly at: number;
  readonly busy: number;
  /** Of the processes that are ours. */
  readonly own: number;
}

/** The share of `processors` that neither of our processes used between two moments. */
export function foreignShare(before: Usage, after: Usage, processors: number): number {
  const foreign = after.busy - before.busy - (after.own - before.own) - rounding;
  return Math.max(0, foreign) / (Math.max(rounding, after.at - before.at) * processors);
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** What the machine and the processes used so far; null where /proc does not tell. */
export function usageNow(pids: readonly number[]): Usage | null {
  const whole = readOrNull("/proc/stat");
  const parts = pids.map((pid) => readOrNull(`/proc/${pid}/stat`));
  if (whole === null || parts.includes(null)) return null;
  const own = parts.reduce((sum, text) => sum + processSeconds(text!), 0);
  return { at: performance.now() / 1000, busy: busySeconds(whole), own };
}

/** Runs `work` and tells the share of the machine that others used meanwhile, when known. */
export async function watched<T>(
  pids: readonly number[],
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly foreign: number | null }> {
  const before = usageNow(pids);
  const result = await work();
  const after = usageNow(pids);
  const known = before !== null && after !== null;
  return { result, foreign: known ? foreignShare(before, after, processors) : null };
}

/** Peak of a process's resident memory in MB (10^6 bytes); null where /proc does not tell. */
export function peakOf(pid: number): number | null {
  const text = readOrNull(`/proc/${pid}/status`);
  return text === null ? null : peakMegabytes(text);
}

/** `AMD EPYC, 2 processors`. */
export function machineName(): string {
  return `${cpus()[0]?.model.trim() ?? process.arch}, ${processors} processors`;
}
