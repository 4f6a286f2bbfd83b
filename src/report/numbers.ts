/**
 * A number for readers: four significant digits, powers of ten outside [1e-3, 1e5), `infinite` and
 * `not a number` by name.
 */
export function formatNumber(x: number): string {
  if (Number.isNaN(x)) return "not a number";
  if (!Number.isFinite(x)) return x > 0 ? "infinite" : "-infinite";
  const size = Math.abs(x);
  if (Number.isInteger(x) && size < 1e6) return String(x);
  if (size < 1e-3 || size >= 1e5) return x.toExponential(2).replace("e+", "e");
  return String(Number(x.toPrecision(4)));
}

/** A cell of a table as text; nothing for null. */
export function formatCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return formatNumber(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** `0.982 ± 0.004`, or the number alone where no standard error is known. */
export function formatEstimate(value: number, standardError: number | null): string {
  const error = standardError === null ? "" : ` ± ${formatNumber(standardError)}`;
  return formatNumber(value) + error;
}
