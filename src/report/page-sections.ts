import type { Row, Verdict } from "../analyses/analysis.js";
import { alternativeText, type DrawnChart } from "./chart.js";
import { runFacts, runLine } from "./facts.js";
import { html, type Markup, raw } from "./html.js";
import type { ReportInput, ReportTable } from "./input.js";
import { formatCell } from "./numbers.js";
import { levelWords, sharedThreshold, verdictHeader, verdictNumbers } from "./verdicts.js";

/** Rows of data shown under a chart; the rest is in its file. */
const shownRows = 200;

function headerRow(header: readonly string[]): Markup {
  return html`<thead><tr>${header.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>`;
}

/** A table with a name for those who hear it; it scrolls sideways, also by keyboard. */
function table(label: string, header: readonly string[], rows: readonly Markup[]): Markup {
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${label}"><table>
${headerRow(header)}
<tbody>
${rows}</tbody></table></div>`;
}

/** A name that breaks behind its colons and commas before it breaks within a word. */
function breakable(name: string): readonly Markup[] {
  return name.split(/(?<=[:,])/).map((part, i) => (i === 0 ? html`${part}` : html`<wbr>${part}`));
}

/** A cell with the name of a network and its colour in the charts. */
function nameCell(name: string, series: readonly string[]): Markup {
  const place = series.indexOf(name);
  if (place < 0) return html`<td class="name">${breakable(name)}</td>`;
  return html`<td class="name marked">\
<span class="swatch" style="--swatch: var(--series-${place})"></span>${breakable(name)}</td>`;
}

/** A cell whose number stays beside its error and whose sign beside its word; other words break. */
function numberCell(cell: string): Markup {
  const kept = cell.replace(" ± ", "\u00a0±\u00a0").replace(/^([✓!✗]) /, "$1\u00a0");
  return html`<td class="number">${kept}</td>`;
}

/** Title, question, the user's note and the run in one line. */
export function headSection({ title, question, note, run }: ReportInput): Markup {
  const remark = note === undefined ? "" : html`<p class="note">${note}</p>\n`;
  return html`<header>
<h1>${title}</h1>
<p class="question">${question}</p>
${remark}<p class="quiet">${runLine(run)}</p>
</header>
`;
}

/** Every option, seed, hash and version. */
export function runSection({ run }: ReportInput): Markup {
  const rows = runFacts(run).map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>\n`,
  );
  return html`<details class="run"><summary>What was run</summary>
<div class="scroll"><table class="facts"><tbody>
<tr><th scope="row">Command</th><td><code>${run.command}</code></td></tr>
${rows}</tbody></table></div></details>
`;
}

function verdictRow(verdict: Verdict, series: readonly string[], shared: boolean): Markup {
  const [sign, word] = levelWords[verdict.level];
  const [measured, predicted] = verdictNumbers(verdict);
  const threshold = shared ? "" : html`<td>${verdict.threshold}</td>`;
  return html`<tr>${nameCell(verdict.network, series)}<td>${verdict.aspect}</td>\
<td><span class="level ${verdict.level}">${sign} ${word}</span>${verdict.statement}</td>\
${numberCell(measured)}${numberCell(predicted)}${threshold}</tr>\n`;
}

/** The table of verdicts, each with its colour, sign and word. */
export function verdictSection({ verdicts }: ReportInput, series: readonly string[]): Markup {
  if (verdicts.length === 0) return raw("");
  const threshold = sharedThreshold(verdicts);
  const rows = verdicts.map((verdict) => verdictRow(verdict, series, threshold !== undefined));
  const below = threshold === undefined ? "" : html`<p class="quiet">Threshold: ${threshold}</p>\n`;
  return html`<section><h2>Verdicts</h2>
${table("Verdicts", verdictHeader(verdicts), rows)}
${below}</section>
`;
}

/** The table of numbers. */
export function summarySection(summary: ReportTable, series: readonly string[]): Markup {
  if (summary.rows.length === 0) return raw("");
  const rows = summary.rows.map(
    ([first = "", ...rest]) => html`<tr>${nameCell(first, series)}${rest.map(numberCell)}</tr>\n`,
  );
  return html`<section><h2>Numbers</h2>
${table("Numbers", summary.header, rows)}</section>
`;
}

function dataTable(chart: DrawnChart): Markup {
  const columns = [...new Set(chart.data.flatMap((row) => Object.keys(row)))];
  const rows = chart.data
    .slice(0, shownRows)
    .map(
      (row: Row) =>
        html`<tr>${columns.map((name) => html`<td>${formatCell(row[name])}</td>`)}</tr>\n`,
    );
  const total = chart.data.length;
  const more =
    total <= shownRows
      ? ""
      : html`<p class="quiet">The first ${shownRows} of ${total} rows; all of them are in \
charts/${chart.name}.vl.json.</p>`;
  return html`<details class="data"><summary>Data of this chart (${total} rows)</summary>
${table(`Data of ${chart.title}`, columns, rows)}${more}</details>`;
}

/**
 * Identifiers inside a still picture carry its chart's name, so that no two pictures of the page
 * share one.
 */
function stillPicture({ name, svg }: DrawnChart): Markup {
  return raw(svg.replace(/(id="|url\(#)(part\d+)/g, `$1${name}-$2`));
}

/** Says how to use the legend, where the chart listens to it. */
function legendHint({ spec }: DrawnChart): Markup {
  if (!JSON.stringify(spec).includes('"bind":"legend"')) return raw("");
  return html`
<p class="hint">Click a name in the legend to see that network alone, with shift to add another; \
click an empty part of the chart to see all.</p>`;
}

/** A chart: live and still picture, the sentence that says how to read it, buttons, data. */
export function chartSection(chart: DrawnChart): Markup {
  const { name, title, howToRead } = chart;
  const height = Number(/ height="([\d.]+)"/.exec(chart.svg)?.[1] ?? 0);
  return html`<section><h2>${title}</h2>
<figure id="chart-${name}">
<div class="scroll picture"><div class="live" role="img" aria-label="${alternativeText(chart)}" \
style="--height: ${height}px"></div>
<div class="still">${stillPicture(chart)}</div></div>
<figcaption><p>${howToRead}</p>${legendHint(chart)}</figcaption>
<div class="save"><span class="quiet">Save as</span>
<button type="button" data-save="svg">SVG</button>
<button type="button" data-save="png">PNG</button>
<button type="button" data-save="vl.json">Vega-Lite</button></div>
${dataTable(chart)}
</figure></section>
`;
}
