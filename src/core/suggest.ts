/** Edit distance with neighbouring swaps (optimal string alignment). */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(
        rows[i - 1]![j]! + 1,
        row[j - 1]! + 1,
        rows[i - 1]![j - 1]! + (same ? 0 : 1),
      );
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, rows[i - 2]![j - 2]! + 1);
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

/** The known name nearest to what came, or undefined when none is near. */
export function nearest(came: string, known: readonly string[]): string | undefined {
  const bound = Math.max(1, Math.floor(came.length / 3));
  const ranked = known
    .map((name) => ({
      name,
      far: distance(came.toLowerCase(), name.toLowerCase()),
    }))
    .filter(({ far }) => far <= bound)
    .sort((a, b) => a.far - b.far);
  return ranked[0]?.name;
}

/** ` (did you mean "isonet"?)`, or nothing. */
export function didYouMean(came: string, known: readonly string[]): string {
  const name = nearest(came, known);
  return name === undefined ? "" : ` (did you mean "${name}"?)`;
}
