import ts from "typescript";
import { describe, expect, it } from "vitest";
import type { Source } from "./sources.js";
import { lineOf, nodesOf, sourceOf, sourcesOf } from "./sources.js";

const narrowed = /^(describe|it|test)(\.[a-z]+)*\.(only|skip|todo|fails)\b/;

/** `it.only`, `describe.skip` and their like, which leave tests out. */
function leftOut(source: Source): readonly string[] {
  return nodesOf(source)
    .filter((node) => ts.isPropertyAccessExpression(node) && narrowed.test(node.getText()))
    .filter((node) => !ts.isPropertyAccessExpression(node.parent))
    .map((node) => `test/${source.path}:${lineOf(source, node)}: ${node.getText()}`);
}

/** Test files in which nothing is expected. */
function withoutExpectation(source: Source): boolean {
  const calls = nodesOf(source).filter(ts.isCallExpression);
  return !calls.some((call) => /^(expect|fc\.assert|assert)/.test(call.expression.getText()));
}

const sources = sourcesOf("test").filter(({ path }) => path.endsWith(".test.ts"));

describe("test files", () => {
  it("leave no test out", () => {
    expect(sources.flatMap(leftOut)).toEqual([]);
  });

  it("expect something", () => {
    expect(sources.filter(withoutExpectation).map(({ path }) => path)).toEqual([]);
  });

  it("are checked by something that sees the fault", () => {
    const text =
      'it.only("a", () => {}); describe.each([1]).skip("b", f); it.skip.each([1])("c", f);';
    expect(leftOut(sourceOf("a.test.ts", text))).toHaveLength(2);
    expect(leftOut(sourceOf("a.test.ts", 'it("it.only", () => {});'))).toEqual([]);
    expect(withoutExpectation(sourceOf("a.test.ts", 'it("runs", () => { f(); });'))).toBe(true);
  });
});
