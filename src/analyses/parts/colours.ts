import type { Row } from "../analysis.js";

/** Names of a column in order of appearance. */
export function namesOf(data: readonly Row[], column = "network"): readonly string[] {
  return [...new Set(data.map((row) => String(row[column])))];
}

/**
 * Legend columns that fit a page 1000 pixels wide at about 6.5 pixels a letter and 45 for the
 * symbol.
 */
function legendColumns(names: readonly string[]): number {
  const longest = Math.max(1, ...names.map((name) => name.length));
  return Math.max(1, Math.min(names.length, Math.floor(1000 / (longest * 6.5 + 45))));
}

/** Colour of a network: the same in every chart that shows the same networks in the same order. */
export function networkColour(names: readonly string[]) {
  return {
    field: "network",
    type: "nominal",
    scale: { domain: names, scheme: names.length > 10 ? "tableau20" : "tableau10" },
    legend: {
      title: null,
      orient: "bottom",
      columns: legendColumns(names),
      labelLimit: 900,
      symbolType: "stroke",
      symbolStrokeWidth: 3,
      symbolOpacity: 1,
    },
  } as const;
}
