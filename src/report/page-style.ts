import { type Scheme, schemes, screenFont, seriesColours } from "./theme.js";

interface Surface {
  readonly page: string;
  readonly card: string;
  readonly good: string;
  readonly warning: string;
  readonly bad: string;
}

const lightSurface: Surface = {
  page: "#f6f7f9",
  card: "#ffffff",
  good: "#0b6b46",
  warning: "#8a5a00",
  bad: "#b3182d",
};

const darkSurface: Surface = {
  page: "#14171c",
  card: "#1b1f26",
  good: "#4ade9b",
  warning: "#f5c542",
  bad: "#ff8592",
};

function variables(scheme: Scheme, surface: Surface, series: number): string {
  const colours = seriesColours(scheme, series).map((colour, i) => `--series-${i}: ${colour};`);
  return `--page: ${surface.page}; --card: ${surface.card}; --text: ${scheme.text};
  --quiet: ${scheme.quiet}; --line: ${scheme.grid}; --edge: ${scheme.axis};
  --good: ${surface.good}; --warning: ${surface.warning}; --bad: ${surface.bad};
  ${colours.join(" ")}`;
}

const layout = `
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 ${screenFont}; }
main { max-width: 1120px; margin: 0 auto; padding: 28px 20px 60px; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 .3rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; overflow-wrap: anywhere; }
p { margin: .4rem 0; max-width: 75ch; overflow-wrap: anywhere; }
.question { font-size: 1.1rem; }
.quiet, figcaption .hint, th { color: var(--quiet); }
.note { border-left: 3px solid var(--edge); padding-left: .8rem; white-space: pre-wrap; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line);
  border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; padding: .42rem .8rem; border-bottom: 1px solid var(--line);
  vertical-align: top; }
th { font-weight: 600; white-space: nowrap; }
tr:last-child td, tr:last-child th[scope=row] { border-bottom: 0; }
td.number { font-variant-numeric: tabular-nums; }
td.name { overflow-wrap: anywhere; min-width: 12rem; max-width: 22rem; }
td.marked { position: relative; padding-left: 2.1rem; }
.facts th { width: 14rem; white-space: normal; overflow-wrap: anywhere; }
.facts td { overflow-wrap: anywhere; }
.swatch { position: absolute; left: .8rem; top: .82em; width: .8em; height: .8em;
  border-radius: 2px; background: var(--swatch); print-color-adjust: exact;
  -webkit-print-color-adjust: exact; }
.level { font-weight: 600; white-space: nowrap; margin-right: .4em; }
.level.good { color: var(--good); } .level.warning { color: var(--warning); }
.level.bad { color: var(--bad); }
figure { margin: 0; }
figcaption { margin: .6rem 0; }
.picture { padding: 12px; }
.save { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; font-size: .85rem; }
.save button { font: inherit; color: var(--text); background: var(--card); padding: .1rem .7rem;
  border: 1px solid var(--edge); border-radius: 6px; cursor: pointer; }
summary { cursor: pointer; color: var(--quiet); margin: .6rem 0; }
code { font-size: .9em; overflow-wrap: anywhere; }
.live { min-height: var(--height); }
.drawn .live { min-height: 0; }
.live svg text { user-select: none; }
/* A wide chart shrinks to the page, but no further than it can be read: then it scrolls. */
.picture svg { display: block; max-width: max(100%, 760px); height: auto; }
`;

/**
 * On screen the live chart takes the place of the still one, unless scripts are off or drawing
 * failed.
 */
const screen = `
@media screen {
  .still { background: #fff; }
  figure.drawn .still { display: none; }
}
@media screen and (scripting: enabled) { figure:not(.failed) .still { display: none; } }
@media (scripting: none) { .save { display: none; } .hint { display: none; } }
/* Half a wide screen: tables of eight columns get narrow before they scroll. */
@media screen and (max-width: 900px) {
  table { font-size: .84rem; }
  th, td { padding-left: .4rem; padding-right: .4rem; }
  td.name { min-width: 9.5rem; }
  td.marked { padding-left: 1.5rem; }
  .swatch { left: .4rem; }
}
`;

/**
 * On paper: still charts in light colours, no controls, what was run opened, no chart cut by a page
 * end.
 */
const print = `
@media print {
  body { background: #fff; font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  .live, .save, .hint, .data { display: none !important; }
  .still { display: block !important; }
  .picture svg { max-width: 100%; }
  .scroll { overflow: visible; border: 0; background: none; }
  .picture { padding: 0; }
  figure, tr { break-inside: avoid; }
  h2 { break-after: avoid; }
  th { white-space: normal; }
  details.run::details-content { content-visibility: visible; block-size: auto; }
  details.run > summary { list-style: none; }
}
@page { margin: 14mm; }
`;

/** The style sheet of a page with room for `series` colours. */
export function pageStyle(series: number): string {
  return `:root { color-scheme: light dark; ${variables(schemes.light, lightSurface, series)} }
@media screen and (prefers-color-scheme: dark) {
  :root { ${variables(schemes.dark, darkSurface, series)} }
}${layout}${screen}${print}`;
}
