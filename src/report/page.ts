import { createHash } from "node:crypto";
import { toJson } from "../core/json.js";
import type { DrawnChart } from "./chart.js";
import { escapeScript, escapeScriptJson, html, type Markup, raw } from "./html.js";
import type { Inlined } from "./inlined.js";
import type { ReportInput } from "./input.js";
import { pageScript } from "./page-script.js";
import {
  chartSection,
  headSection,
  runSection,
  summarySection,
  verdictSection,
} from "./page-sections.js";
import { pageStyle } from "./page-style.js";
import { chartConfig, schemes, screenFont } from "./theme.js";

/** Only the named scripts run, nothing is fetched, no text becomes code. */
function securityPolicy(scripts: readonly string[]): string {
  const hashes = scripts.map(
    (code) => `'sha256-${createHash("sha256").update(code, "utf8").digest("base64")}'`,
  );
  return [
    "default-src 'none'",
    `script-src ${hashes.join(" ")}`,
    "style-src 'unsafe-inline'",
    "img-src data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

function dataElement(id: string, value: unknown): Markup {
  const json = escapeScriptJson(toJson(value));
  return raw(`<script type="application/json" id="${id}">${json}</script>\n`);
}

function comment(text: string): Markup {
  return raw(`<!--\n${text.replaceAll("--", "- -").replaceAll(">", "&gt;")}\n-->\n`);
}

function configs(series: number): Readonly<Record<string, unknown>> {
  return {
    light: chartConfig(schemes.light, series, screenFont),
    dark: chartConfig(schemes.dark, series, screenFont),
  };
}

function body(
  input: ReportInput,
  charts: readonly DrawnChart[],
  series: readonly string[],
): Markup {
  return html`<main>
${headSection(input)}${runSection(input)}${verdictSection(input, series)}\
${summarySection(input.summary, series)}${charts.map(chartSection)}</main>
`;
}

/** The whole report as one HTML file that opens from disk and asks the network for nothing. */
export function renderPage(
  input: ReportInput,
  charts: readonly DrawnChart[],
  series: readonly string[],
  inlined: Inlined,
): string {
  const scripts = [...inlined.scripts, pageScript].map(escapeScript);
  const specifications = charts.map(({ name, specification }) => ({ name, specification }));
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${raw(securityPolicy(scripts))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${input.title}</title>
<style>
${raw(pageStyle(series.length))}</style>
</head>
<body>
${body(input, charts, series)}${dataElement("charts", specifications)}\
${dataElement("configs", configs(series.length))}${comment(inlined.licences.join("\n"))}\
${scripts.map((code) => raw(`<script>${code}</script>\n`))}</body>
</html>
`.markup;
}
