// Prints the size of the source: files, functions, uses of `any`. Exits 1 when a budget is broken.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";

export const budgets = {
  medianFile: 120,
  largestFile: 400,
  medianFunction: 10,
  largestFunction: 60,
  any: 0,
};

/** Made by a script, hence as long as its data. */
const generated = ["report/font-widths.ts"];

/** Paths of the TypeScript files under a folder, relative to it, with `/`, in order. */
export function sourcePaths(folder) {
  return readdirSync(folder, { recursive: true })
    .map((path) => String(path).split(sep).join("/"))
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))
    .sort();
}

/** Syntax tree of a text, with parents. */
export function parse(path, text) {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
}

function nameOf(node) {
  const named = node.name ?? node.parent?.name;
  return named === undefined ? "callback" : named.getText();
}

/** Lines from the first to the last token; the comment above does not count. */
function linesOf(node, tree) {
  const line = (position) => tree.getLineAndCharacterOfPosition(position).line;
  return line(node.getEnd()) - line(node.getStart(tree)) + 1;
}

/** Functions with a body and uses of `any` in one text. */
export function measureText(path, text) {
  const tree = parse(path, text);
  const functions = [];
  const any = [];
  const lineAt = (node) => tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
  const visit = (node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) any.push({ path, line: lineAt(node) });
    if (ts.isFunctionLike(node) && node.body !== undefined) {
      functions.push({ path, line: lineAt(node), name: nameOf(node), lines: linesOf(node, tree) });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  const lines = text === "" ? 0 : text.replace(/\n$/, "").split("\n").length;
  return { file: { path, lines }, functions, any };
}

/** Sizes of every file under `root`/src. */
export function measure(root) {
  const folder = join(root, "src");
  const parts = sourcePaths(folder)
    .filter((path) => !generated.includes(path))
    .map((path) => measureText(path, readFileSync(join(folder, path), "utf8")));
  return {
    files: parts.map((part) => part.file),
    functions: parts.flatMap((part) => part.functions),
    any: parts.flatMap((part) => part.any),
  };
}

/** The middle of some numbers; the mean of the two middle ones; 0 of none. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return 0;
  return Number.isInteger(middle)
    ? (sorted[middle - 1] + sorted[middle]) / 2
    : sorted[Math.floor(middle)];
}

/** One-line callbacks would make the median of functions small whatever the rest looks like. */
const counted = (part) => part.name !== "callback";

/** One sentence a broken budget. */
export function brokenBudgets({ files, functions, any }) {
  const tooLong = (parts, most) => parts.filter((part) => part.lines > most);
  const medianFile = median(files.map((file) => file.lines));
  const medianFunction = median(functions.filter(counted).map((part) => part.lines));
  return [
    ...tooLong(files, budgets.largestFile).map(
      ({ path, lines }) => `src/${path}: ${lines} lines; allowed: ${budgets.largestFile}`,
    ),
    ...tooLong(functions, budgets.largestFunction).map(
      ({ path, line, name, lines }) =>
        `src/${path}:${line}: ${name} has ${lines} lines; allowed: ${budgets.largestFunction}`,
    ),
    ...any.map(({ path, line }) => `src/${path}:${line}: any`),
    ...(medianFile >= budgets.medianFile
      ? [`median file: ${medianFile} lines; allowed: under ${budgets.medianFile}`]
      : []),
    ...(medianFunction >= budgets.medianFunction
      ? [`median function: ${medianFunction} lines; allowed: under ${budgets.medianFunction}`]
      : []),
  ];
}

const largest = (parts) =>
  parts.reduce((most, part) => (part.lines > most.lines ? part : most), { lines: 0, path: "none" });

/** The table as text. */
export function sizeTable({ files, functions, any }) {
  const named = functions.filter(counted);
  const file = largest(files);
  const longest = largest(functions);
  const rows = [
    ["files", files.length, ""],
    ["lines", files.reduce((sum, part) => sum + part.lines, 0), ""],
    ["median file", median(files.map((part) => part.lines)), `under ${budgets.medianFile}`],
    ["largest file", file.lines, `${budgets.largestFile} at most; ${file.path}`],
    ["functions", functions.length, `${named.length} of them named`],
    [
      "median named function",
      median(named.map((part) => part.lines)),
      `under ${budgets.medianFunction}`,
    ],
    [
      "largest function",
      longest.lines,
      `${budgets.largestFunction} at most; ${longest.name} in ${longest.path}`,
    ],
    ["any", any.length, `${budgets.any} at most`],
  ];
  return rows
    .map(([what, value, note]) =>
      `${what.padEnd(24)}${String(value).padStart(7)}  ${note}`.trimEnd(),
    )
    .join("\n");
}

function main() {
  const root = join(fileURLToPath(import.meta.url), "..", "..");
  const measured = measure(root);
  console.log(`${relative(process.cwd(), join(root, "src")) || "src"}\n${sizeTable(measured)}`);
  const broken = brokenBudgets(measured);
  for (const line of broken) console.error(line);
  process.exitCode = broken.length === 0 ? 0 : 1;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main();
}
