/** One timed repetition. `foreign` is the share of the machine that others used, when known. */
export interface Repetition {
  readonly ms: number;
  readonly foreign: number | null;
}

/** What many repetitions say. `quiet` is null where the machine does not tell. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly quiet: number | null;
  readonly reps: number;
}

/** A repetition counts as quiet below this share of the machine in foreign hands. */
export const quietShare = 0.08;

/** Fewer quiet repetitions than this say less than all of them. */
const leastQuiet = 3;

/** The middle of some numbers; the mean of the two middle ones. Throws `RangeError` on none. */
export function median(numbers: readonly number[]): number {
  if (numbers.length === 0) throw new RangeError("the median of no numbers");
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Whether others left the machine alone, as far as is known. */
export function isQuiet({ foreign }: Repetition): boolean {
  return foreign === null || foreign < quietShare;
}

/** Whether enough repetitions were quiet to speak for all. */
export function hasQuiet(repetitions: readonly Repetition[]): boolean {
  return repetitions.filter(isQuiet).length >= leastQuiet;
}

/**
 * Median and minimum over the quiet repetitions, when there are enough of them unless told, else
 * over all. Those that are compared must be told the same.
 */
export function summarize(
  repetitions: readonly Repetition[],
  quietOnly: boolean = hasQuiet(repetitions),
): Summary {
  const quiet = repetitions.filter(isQuiet);
  const used = quietOnly ? quiet : repetitions;
  const times = used.map(({ ms }) => ms);
  const known = repetitions.every(({ foreign }) => foreign !== null);
  return {
    median: median(times),
    min: Math.min(...times),
    quiet: known ? quiet.length : null,
    reps: repetitions.length,
  };
}
