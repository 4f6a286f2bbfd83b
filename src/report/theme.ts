/** Colours of one scheme; the page and the charts in it use the same. */
export interface Scheme {
  readonly text: string;
  readonly quiet: string;
  readonly grid: string;
  readonly axis: string;
  readonly series: readonly string[];
}

/** For white paper; each series colour has a contrast of at least 3 to 1. */
const light: Scheme = {
  text: "#1f2430",
  quiet: "#565e6e",
  grid: "#e4e7ec",
  axis: "#98a0ae",
  series: [
    "#1f5fc4",
    "#d9480f",
    "#0f7b5f",
    "#a21caf",
    "#9a6b00",
    "#0b7f9e",
    "#c0153f",
    "#557a12",
    "#6d3fd9",
    "#56606f",
    "#d6409f",
    "#7c4a2d",
  ],
};

/** For a dark screen. */
const dark: Scheme = {
  text: "#e6e9ef",
  quiet: "#a5adbb",
  grid: "#303641",
  axis: "#6a7383",
  series: [
    "#6ea8fe",
    "#fb8b3c",
    "#34d399",
    "#e879f9",
    "#f5c542",
    "#22d3ee",
    "#fb7185",
    "#a3e635",
    "#a78bfa",
    "#cbd5e1",
    "#f9a8d4",
    "#d6a77a",
  ],
};

/** The schemes of a page by the name that `prefers-color-scheme` gives them. */
export const schemes = { light, dark } as const;

/** Angle between neighbouring hues that keeps any number of them apart. */
const goldenAngle = 137.508;

/** At least `count` colours; those beyond the chosen twelve step round the colour circle. */
export function seriesColours(scheme: Scheme, count: number): readonly string[] {
  const lightness = scheme === dark ? 72 : 36;
  const more = Math.max(0, count - scheme.series.length);
  const extra = Array.from(
    { length: more },
    (_, i) => `hsl(${Math.round((i * goldenAngle + 20) % 360)},65%,${lightness}%)`,
  );
  return [...scheme.series, ...extra];
}

/** Fonts of still charts: the bundled one, then the one with almost the same widths. */
export const stillFont = "DejaVu Sans, Verdana, sans-serif";

/** Fonts of the page and its live charts. */
export const screenFont = "system-ui, -apple-system, Segoe UI, Roboto, sans-serif";

function axisConfig(scheme: Scheme): Readonly<Record<string, unknown>> {
  return {
    labelColor: scheme.quiet,
    titleColor: scheme.text,
    gridColor: scheme.grid,
    domainColor: scheme.axis,
    tickColor: scheme.axis,
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: "normal",
    titlePadding: 8,
    labelLimit: 280,
  };
}

function legendConfig(scheme: Scheme): Readonly<Record<string, unknown>> {
  return {
    labelColor: scheme.text,
    titleColor: scheme.quiet,
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: "normal",
    labelLimit: 280,
    symbolStrokeWidth: 2.5,
  };
}

/**
 * The Vega-Lite `config` of a scheme with room for `count` series; marks carry no labels of their
 * own, the chart has one.
 */
export function chartConfig(
  scheme: Scheme,
  count: number,
  font: string,
): Readonly<Record<string, unknown>> {
  return {
    background: null,
    font,
    aria: false,
    padding: 6,
    view: { stroke: null },
    concat: { spacing: 32 },
    title: {
      color: scheme.text,
      subtitleColor: scheme.quiet,
      fontSize: 13,
      fontWeight: "bold",
      anchor: "start",
    },
    axis: axisConfig(scheme),
    legend: legendConfig(scheme),
    header: { labelColor: scheme.text, titleColor: scheme.text, labelFontSize: 12 },
    rule: { color: scheme.axis },
    tick: { color: scheme.text },
    text: { color: scheme.quiet },
    range: { category: seriesColours(scheme, count) },
  };
}
