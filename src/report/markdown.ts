import type { Verdict } from "../analyses/analysis.js";
import { alternativeText } from "./chart.js";
import { runFacts } from "./facts.js";
import type { ReportChart, ReportInput, ReportTable } from "./input.js";
import { sharedThreshold, verdictTable } from "./verdicts.js";

/** What would open a heading, a list or a rule at the start of a line. */
function startEscape(start: string): string {
  return /^\d/.test(start) ? `${start}\\` : `\\${start}`;
}

/** A line of code in a fence longer than any run of backticks inside it. */
function codeBlock(code: string): string {
  const runs = code.match(/`+/g) ?? [];
  const fence = "`".repeat(Math.max(3, ...runs.map(({ length }) => length + 1)));
  return `${fence}text\n${code.replace(/\s+/g, " ").trim()}\n${fence}`;
}

/** Text as Markdown that shows it as it is, on one line. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .trim()
    .replace(/[\\`*_[\]|~$]/g, "\\$&")
    .replace(/^([-+#=]|\d+(?=[.)]))/, startEscape)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.map(escapeMarkdown).join(" | ")} |`;
}

function table({ header, rows }: ReportTable): string {
  const rule = `|${" --- |".repeat(header.length)}`;
  return [tableRow(header), rule, ...rows.map(tableRow)].join("\n");
}

function chartSection(chart: ReportChart): string {
  const image = `![${escapeMarkdown(alternativeText(chart))}](charts/${chart.name}.svg)`;
  return `## ${escapeMarkdown(chart.title)}\n\n${image}\n\n${escapeMarkdown(chart.howToRead)}`;
}

function verdictSection(verdicts: readonly Verdict[]): string {
  const threshold = sharedThreshold(verdicts);
  const below = threshold === undefined ? "" : `\n\nThreshold: ${escapeMarkdown(threshold)}`;
  return `## Verdicts\n\n${table(verdictTable(verdicts))}${below}`;
}

/** The report as Markdown; its pictures lie beside it in `charts/`. */
export function renderMarkdown(input: ReportInput): string {
  const { title, question, note, verdicts, summary, charts, run } = input;
  const parts = [
    `# ${escapeMarkdown(title)}`,
    escapeMarkdown(question),
    note === undefined ? "" : `> ${escapeMarkdown(note)}`,
    verdicts.length === 0 ? "" : verdictSection(verdicts),
    summary.rows.length === 0 ? "" : `## Numbers\n\n${table(summary)}`,
    ...charts.map(chartSection),
    `## What was run\n\n${codeBlock(run.command)}`,
    table({ header: ["What", "Value"], rows: runFacts(run) }),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}
