/**
 * Domain of a log axis: the values and a margin, and never less than a decade, so that a preserved
 * signal looks flat instead of having its noise magnified. `[1, 10]` without positive values.
 */
export function logDomain(values: readonly number[]): readonly [number, number] {
  const positive = values.filter((v) => v > 0);
  if (positive.length === 0) return [1, 10];
  const low = positive.reduce((least, v) => Math.min(least, v)) / 1.25;
  const high = positive.reduce((most, v) => Math.max(most, v)) * 1.25;
  if (high / low >= 10) return [low, high];
  const middle = Math.sqrt(low) * Math.sqrt(high);
  return [middle / Math.sqrt(10), middle * Math.sqrt(10)];
}

/** Most labels on an axis. */
const mostTicks = 8;

function powers(from: number, to: number, step: number): readonly number[] {
  const first = Math.ceil(from / step) * step;
  const count = Math.max(0, Math.floor((to - first) / step) + 1);
  return Array.from({ length: count }, (_, i) => first + i * step);
}

/** Values to label: powers of ten over two decades and more, multiples of them within less. */
export function logTicks([low, high]: readonly [number, number]): readonly number[] {
  const [from, to] = [Math.log10(low), Math.log10(high)];
  if (to - from >= 2) {
    const step = Math.ceil((to - from) / mostTicks);
    return powers(from, to, step).map((k) => Number(`1e${k}`));
  }
  const digits = to - from > 1.2 ? [1, 2, 5] : [1, 1.5, 2, 3, 5, 7];
  return powers(Math.floor(from), Math.floor(to), 1)
    .flatMap((k) => digits.map((digit) => Number(`${digit}e${k}`)))
    .filter((value) => value >= low && value <= high);
}

/** Scale and axis of a log channel in Vega-Lite. */
export function logChannel(domain: readonly [number, number]) {
  return {
    scale: { type: "log", domain, nice: false },
    axis: {
      values: logTicks(domain),
      labelExpr: "format(datum.value, datum.value >= 10000 || datum.value < 0.001 ? '~e' : '~g')",
    },
  } as const;
}
