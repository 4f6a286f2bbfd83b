/** What JSON can hold. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/**
 * A number as JSON can hold it: finite numbers as they are, others by name.
 * JSON itself would turn an overflow into `null`, and a result would be lost.
 */
export function encodeNumber(x: number): number | "Infinity" | "-Infinity" | "NaN" {
  if (Number.isFinite(x)) return x;
  if (Number.isNaN(x)) return "NaN";
  return x > 0 ? "Infinity" : "-Infinity";
}

/** The inverse of `encodeNumber`; anything else is NaN. */
export function decodeNumber(x: unknown): number {
  if (typeof x === "number") return x;
  if (x === "Infinity") return Number.POSITIVE_INFINITY;
  return x === "-Infinity" ? Number.NEGATIVE_INFINITY : Number.NaN;
}

function replacer(_key: string, value: unknown): unknown {
  return typeof value === "number" ? encodeNumber(value) : value;
}

/**
 * JSON text with non-finite numbers by name; keys keep their order, so equal values give equal
 * bytes.
 */
export function toJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, replacer, indent);
}
