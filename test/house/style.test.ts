import ts from "typescript";
import { describe, expect, it } from "vitest";
import type { Source } from "./sources.js";
import { importsOf, lineOf, nodesOf, sourceOf, sourcesOf } from "./sources.js";

const columns = 100;
const at = (source: Source, node: ts.Node, what: string) =>
  `src/${source.path}:${lineOf(source, node)}: ${what}`;

/** Randomness and time that do not come from a key or an argument. */
const hidden = /^(Math\.random|Date\.now)$/;

function hiddenInputs(source: Source): readonly string[] {
  return nodesOf(source)
    .filter((node) => ts.isPropertyAccessExpression(node) && hidden.test(node.getText()))
    .map((node) => at(source, node, node.getText()));
}

/** `x as unknown as T`, which claims a type that nothing supports. */
function doubleCasts(source: Source): readonly string[] {
  return nodesOf(source)
    .filter(
      (node) =>
        ts.isAsExpression(node) &&
        ts.isAsExpression(node.expression) &&
        node.expression.type.kind === ts.SyntaxKind.UnknownKeyword,
    )
    .map((node) => at(source, node, "as unknown as"));
}

function importsWithoutExtension(source: Source): readonly string[] {
  return importsOf(source)
    .filter(({ specifier }) => specifier.startsWith(".") && !/\.(js|json)$/.test(specifier))
    .map(({ specifier, line }) => `src/${source.path}:${line}: ${specifier}`);
}

/** Character ranges of texts, which a formatter does not break. */
function textRanges(source: Source): readonly (readonly [number, number])[] {
  return nodesOf(source)
    .filter(
      (node) =>
        ts.isStringLiteralLike(node) ||
        ts.isTemplateExpression(node) ||
        ts.isRegularExpressionLiteral(node),
    )
    .map((node) => [node.getStart(source.tree), node.getEnd()]);
}

function longLines(source: Source): readonly string[] {
  const lines = source.text.split("\n");
  if (lines.every((line) => line.length <= columns)) return [];
  const texts = textRanges(source);
  const starts = source.tree.getLineStarts();
  return lines.flatMap((line, index) => {
    const edge = starts[index]! + columns;
    const isText = texts.some(([from, to]) => from < edge && to >= edge);
    return line.length <= columns || isText
      ? []
      : [`src/${source.path}:${index + 1}: ${line.length} columns`];
  });
}

function isExported(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  );
}

const hasComment = (node: ts.Node) => ts.getJSDocCommentsAndTags(node).length > 0;

function declarationsOf({ tree }: Source, name: string): readonly ts.Node[] {
  return tree.statements.filter((statement) =>
    ts.isVariableStatement(statement)
      ? statement.declarationList.declarations.some(({ name: own }) => own.getText() === name)
      : (statement as { readonly name?: ts.Node }).name?.getText() === name,
  );
}

/**
 * Names that a statement hands out without being their declaration: `export { a }`, `export default
 * a`.
 */
function handedOut(statement: ts.Statement): readonly string[] {
  if (ts.isExportAssignment(statement) && ts.isIdentifier(statement.expression))
    return [statement.expression.text];
  const isLocal = ts.isExportDeclaration(statement) && statement.moduleSpecifier === undefined;
  if (
    !isLocal ||
    statement.exportClause === undefined ||
    !ts.isNamedExports(statement.exportClause)
  )
    return [];
  return statement.exportClause.elements.map(
    ({ name, propertyName }) => (propertyName ?? name).text,
  );
}

function undocumented(source: Source): readonly string[] {
  return source.tree.statements.flatMap((statement) => {
    const names = handedOut(statement);
    const bare = names.filter((name) => !declarationsOf(source, name).some(hasComment));
    const isDirect =
      isExported(statement) || (ts.isExportAssignment(statement) && names.length === 0);
    if (names.length > 0 && !hasComment(statement))
      return bare.map((name) => at(source, statement, `${name} has no comment`));
    const missing = isDirect && !hasComment(statement);
    return missing ? [at(source, statement, `${statement.getText().split("\n")[0]}`)] : [];
  });
}

const sources = sourcesOf("src");

describe("source files", () => {
  it("draw no randomness and read no clock behind the caller's back", () => {
    expect(sources.flatMap(hiddenInputs)).toEqual([]);
  });

  it("claim no types by a double cast", () => {
    expect(sources.flatMap(doubleCasts)).toEqual([]);
  });

  it("import each other with the extension that Node needs", () => {
    expect(sources.flatMap(importsWithoutExtension)).toEqual([]);
  });

  it("keep to 100 columns, texts aside", () => {
    expect(sources.flatMap(longLines)).toEqual([]);
  });

  it("document every export", () => {
    expect(sources.flatMap(undocumented)).toEqual([]);
  });
});

describe("these checks", () => {
  const faults = (check: (source: Source) => readonly string[], text: string) =>
    check(sourceOf("core/a.ts", text)).length;

  it("see hidden randomness and clocks, not words about them", () => {
    expect(faults(hiddenInputs, "const x = Math.random() + Date.now();")).toBe(2);
    expect(faults(hiddenInputs, '// Math.random()\nconst x = "Date.now";')).toBe(0);
  });

  it("see double casts only", () => {
    expect(faults(doubleCasts, "const x = y as unknown as string;")).toBe(1);
    expect(faults(doubleCasts, "const x = y as unknown;")).toBe(0);
  });

  it("see imports without an extension", () => {
    expect(
      faults(importsWithoutExtension, 'import "./b"; import "../c.ts"; import "./d.js";'),
    ).toBe(2);
  });

  it("see long code and comments, not long texts", () => {
    const long = "x".repeat(101);
    expect(faults(longLines, `// ${long}`)).toBe(1);
    expect(faults(longLines, `const ${long} = 1;`)).toBe(1);
    expect(faults(longLines, `const a = "${long}";`)).toBe(0);
    expect(faults(longLines, `const a = \`${long}\${b}\`;`)).toBe(0);
  });

  it("see every kind of export without a comment", () => {
    const bare = [
      "export const a = 1;",
      "export function f() {}",
      "export interface I {}",
      "export type T = 1;",
      "export default { a: 1 };",
      "const a = 1;\nexport default a;",
      "const a = 1;\nexport { a };",
      "const a = 1;\nexport { a as b };",
    ];
    for (const text of bare) {
      expect(faults(undocumented, text), text).toBe(1);
      expect(faults(undocumented, `/** Said. */\n${text}`), text).toBe(0);
    }
    expect(faults(undocumented, 'export { a } from "./b.js";\nexport * from "./c.js";')).toBe(0);
  });
});
