import type { SourceFile } from "typescript";

export interface FileSize {
  readonly path: string;
  readonly lines: number;
}
export interface FunctionSize extends FileSize {
  readonly line: number;
  readonly name: string;
}
export interface Place {
  readonly path: string;
  readonly line: number;
}
export interface Sizes {
  readonly files: readonly FileSize[];
  readonly functions: readonly FunctionSize[];
  readonly any: readonly Place[];
}
export const budgets: Readonly<
  Record<"medianFile" | "largestFile" | "medianFunction" | "largestFunction" | "any", number>
>;
export function sourcePaths(folder: string): string[];
export function parse(path: string, text: string): SourceFile;
export function measureText(
  path: string,
  text: string,
): {
  readonly file: FileSize;
  readonly functions: readonly FunctionSize[];
  readonly any: readonly Place[];
};
export function measure(root: string): Sizes;
export function median(numbers: readonly number[]): number;
export function brokenBudgets(sizes: Sizes): string[];
export function sizeTable(sizes: Sizes): string;
