import type { Table } from "../analyses/analysis.js";

/** Text columns that hold only numbers are aligned to the right. */
function numeric(cells: readonly string[]): boolean {
  return cells.every((cell) => /^[-+x×]?[\d.]/.test(cell) || cell === "" || cell === "-");
}

/** A column is never made narrower than this. */
const leastWidth = 24;

/** Widths that fit into `total`: the widest columns give way. */
function fit(widths: readonly number[], total: number): readonly number[] {
  const room = total - 2 * (widths.length - 1);
  const fitted = [...widths];
  for (;;) {
    const over = fitted.reduce((sum, width) => sum + width, 0) - room;
    const widest = fitted.indexOf(Math.max(...fitted));
    if (over <= 0 || fitted[widest]! <= leastWidth) return fitted;
    fitted[widest] = Math.max(leastWidth, fitted[widest]! - over);
  }
}

/** Breaks a text at spaces into lines of at most `width`; a longer word stands alone. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

/**
 * Lines of a table with aligned columns and a rule under the header, at most `total` wide if words
 * allow.
 */
export function formatTable({ header, rows }: Table, total = Number.POSITIVE_INFINITY): string {
  const natural = header.map((title, c) =>
    Math.max(title.length, ...rows.map((row) => (row[c] ?? "").length)),
  );
  const widths = fit(natural, total);
  const right = header.map((_, c) => numeric(rows.map((row) => row[c] ?? "")));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, c) => (right[c] ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!)))
      .join("  ")
      .trimEnd();
  const lines = (cells: readonly string[]) => {
    const wrapped = cells.map((cell, c) => wrap(cell, widths[c]!));
    const height = Math.max(...wrapped.map((parts) => parts.length));
    return Array.from({ length: height }, (_, i) => line(wrapped.map((parts) => parts[i] ?? "")));
  };
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  return [line(header), rule, ...rows.flatMap(lines)].join("\n");
}
