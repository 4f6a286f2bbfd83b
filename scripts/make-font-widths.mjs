/**
 * Writes src/report/font-widths.ts: the advance widths of the bundled chart font.
 * Run it again when the font package changes: node scripts/make-font-widths.mjs
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import opentype from "opentype.js";

const require = createRequire(import.meta.url);
const target = new URL("../src/report/font-widths.ts", import.meta.url);

/** First and last code points: Latin, Greek, Cyrillic, punctuation to mathematical operators. */
const ranges = [
  [0x20, 0x24f],
  [0x370, 0x45f],
  [0x2000, 0x22ff],
];

function loadFace(file) {
  const bytes = readFileSync(require.resolve(`dejavu-fonts-ttf/ttf/${file}`));
  return opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** Width of one character: `stringToGlyphs` would fail on this font's ligature tables. */
function widthsOf(font, [first, last]) {
  const characters = Array.from({ length: last - first + 1 }, (_, i) =>
    String.fromCodePoint(first + i),
  );
  return characters.map((character) => font.charToGlyph(character).advanceWidth);
}

function wrap(numbers) {
  const lines = [];
  let line = "       ";
  for (const number of numbers) {
    if (line.length + String(number).length + 2 > 100) {
      lines.push(line);
      line = "       ";
    }
    line += ` ${number},`;
  }
  return [...lines, line].join("\n");
}

function printFace(font) {
  const parts = ranges.map(
    (range) =>
      `    {\n      first: ${range[0]},\n      widths: [\n${wrap(widthsOf(font, range))}\n      ],\n    },`,
  );
  return `[\n${parts.join("\n")}\n  ]`;
}

const regular = loadFace("DejaVuSans.ttf");
const bold = loadFace("DejaVuSans-Bold.ttf");
writeFileSync(
  target,
  `/** Made by scripts/make-font-widths.mjs from DejaVu Sans; not edited by hand. */

/** Advance widths of consecutive code points, in font units. */
export interface WidthRange {
  readonly first: number;
  readonly widths: readonly number[];
}

/** Font units in one em. */
export const unitsPerEm = ${regular.unitsPerEm};

/** Advance widths of the regular and the bold face. */
export const fontWidths: Readonly<Record<"regular" | "bold", readonly WidthRange[]>> = {
  regular: ${printFace(regular)},
  bold: ${printFace(bold)},
};
`,
);
