import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { TopLevelSpec } from "vega-lite";
import { toJson } from "../core/json.js";
import { textWidth } from "./text-width.js";

/** A Vega-Lite specification with its data. */
export type Specification = Readonly<Record<string, unknown>>;

/** A drawn chart and what the libraries had to say about it. */
export interface Drawing {
  readonly svg: string;
  readonly warnings: readonly string[];
}

type Vega = typeof import("vega");

/** What measures text; a part of Vega's scene graph that its types leave out. */
interface TextMetrics {
  width(item: TextItem, text: unknown): number;
}

interface TextItem {
  readonly fontSize?: number;
  readonly fontWeight?: string | number;
  readonly limit?: number;
}

/** A logger that keeps warnings and errors as text. */
function collectingLogger(vega: Vega, warnings: string[]) {
  const logger = vega.logger(vega.Warn);
  const keep = (...parts: readonly unknown[]) => {
    warnings.push(parts.map(String).join(" "));
    return logger;
  };
  logger.warn = keep;
  logger.error = keep;
  return logger;
}

/** Charts carry their data; one that asks for a file or an address is refused. */
function refuse(address: string): Promise<never> {
  return Promise.reject(new Error(`chart asks for ${address}; charts carry their data`));
}

function isBold(weight: unknown): boolean {
  return weight === "bold" || Number(weight) >= 600;
}

/**
 * Without a canvas Vega guesses widths of labels far too wide; these are those of the font we draw
 * with.
 */
function useFontWidths(vega: Vega): void {
  const { textMetrics } = vega as Vega & { readonly textMetrics: TextMetrics };
  textMetrics.width = ({ fontSize = 11, fontWeight, limit = 0 }, text) => {
    const width = textWidth(String(text ?? ""), fontSize, isBold(fontWeight));
    return limit > 0 ? Math.min(width, limit) : width;
  };
}

async function loadVega(): Promise<Vega> {
  const vega = await import("vega");
  useFontWidths(vega);
  return vega;
}

/**
 * Draws a specification as SVG text, the same bytes for the same specification, without a browser.
 */
export async function toSvg(specification: Specification): Promise<Drawing> {
  const vega = await loadVega();
  const { compile } = await import("vega-lite");
  const warnings: string[] = [];
  const logger = collectingLogger(vega, warnings);
  const copy: TopLevelSpec = JSON.parse(toJson(specification));
  const runtime = vega.parse(compile(copy, { logger }).spec);
  const loader = { load: refuse, sanitize: refuse, http: refuse, file: refuse };
  const view = new vega.View(runtime, { renderer: "none", logger, loader });
  try {
    return { svg: roundLengths(renumber(await view.toSVG())), warnings };
  } finally {
    view.finalize();
  }
}

/**
 * Vega numbers clip paths and gradients through the life of a process; here each drawing counts
 * from one.
 */
function renumber(svg: string): string {
  const numbers = new Map<string, number>();
  return svg.replace(/(id="|url\(#)((?:clip|gradient_)\d+)/g, (_, before: string, id: string) => {
    if (!numbers.has(id)) numbers.set(id, numbers.size + 1);
    return `${before}part${numbers.get(id)}`;
  });
}

const lengths = / (?:d|transform|x|y|x1|x2|y1|y2)="[^"]*"/g;

/**
 * Hundredths of a pixel are enough: smaller files, and the same on machines whose logarithms differ
 * in the last digit.
 */
function roundLengths(svg: string): string {
  const round = (length: string) => String(Number(Number(length).toFixed(2)));
  return svg.replace(/<[^>]+>/g, (tag) =>
    tag.replace(lengths, (attribute) => attribute.replace(/-?\d+\.\d{3,}(?:e-?\d+)?/g, round)),
  );
}

/**
 * Paths of the browser builds that a page holds, in the order they load; the packages hide them
 * from `import`.
 */
export function browserBuilds(): readonly string[] {
  const require = createRequire(import.meta.url);
  return ["vega", "vega-lite", "vega-embed"].map((name) =>
    join(dirname(require.resolve(name)), `${name}.min.js`),
  );
}

/** Paths of the licences of the browser builds. */
export function browserLicences(): readonly string[] {
  return browserBuilds().map((path) => join(dirname(path), "..", "LICENSE"));
}
