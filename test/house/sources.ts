import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { parse, sourcePaths } from "../../scripts/size.mjs";

/** Root of the checkout. */
export const root = join(import.meta.dirname, "..", "..");

/** One file, `path` relative to its folder with `/`. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

/** A source from its text, also for planted counterexamples. */
export function sourceOf(path: string, text: string): Source {
  return { path, text, tree: parse(path, text) };
}

/** Every TypeScript file under a folder of the checkout. */
export function sourcesOf(folder: string): readonly Source[] {
  const base = join(root, folder);
  return sourcePaths(base).map((path) => sourceOf(path, readFileSync(join(base, path), "utf8")));
}

/** The line a node starts on, from 1. */
export function lineOf({ tree }: Source, node: ts.Node): number {
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
}

const nodesByTree = new WeakMap<ts.SourceFile, readonly ts.Node[]>();

/** Every node of a file, in order. */
export function nodesOf({ tree }: Source): readonly ts.Node[] {
  const known = nodesByTree.get(tree);
  if (known !== undefined) return known;
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  nodesByTree.set(tree, nodes);
  return nodes;
}

/** Something that is loaded by name. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
}

/**
 * Calls that load or find a module: `import(...)`, `require(...)`, `require.resolve(...)`,
 * `import.meta.resolve(...)`.
 */
const loaders = /^(import|require|require\.resolve|import\.meta\.resolve)$/;

function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return node.argument.literal;
  const loads = ts.isCallExpression(node) && loaders.test(node.expression.getText());
  return loads ? node.arguments[0] : undefined;
}

/** The text of a name as far as it is fixed: all of a literal, the head of a template. */
function fixedText(node: ts.Node): string {
  if (ts.isTemplateExpression(node)) return node.head.text;
  return ts.isStringLiteralLike(node) ? node.text : "";
}

/** Every import, export from, dynamic import and `require` whose name starts with a fixed text. */
export function importsOf(source: Source): readonly Import[] {
  return nodesOf(source).flatMap((node) => {
    const specifier = specifierOf(node);
    const text = specifier === undefined ? "" : fixedText(specifier);
    return text === "" ? [] : [{ specifier: text, line: lineOf(source, node) }];
  });
}

/**
 * `@scope/name` or `name` of a package's specifier; undefined for relative paths and Node's own.
 */
export function packageOf(specifier: string): string | undefined {
  if (/^(\.|\/|node:|#)/.test(specifier)) return undefined;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
