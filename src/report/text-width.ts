import { fontWidths, unitsPerEm, type WidthRange } from "./font-widths.js";

/**
 * Width of a character that the table lacks, in em: that of a wide letter, so that labels rather
 * keep too much room.
 */
const unknownWidth = 0.8;

function unitsOf(code: number, ranges: readonly WidthRange[]): number {
  const range = ranges.find(({ first, widths }) => code >= first && code < first + widths.length);
  return range?.widths[code - range.first] ?? unknownWidth * unitsPerEm;
}

/** Width of one line of text in DejaVu Sans, in pixels. */
export function textWidth(text: string, fontSize: number, bold: boolean): number {
  const ranges = fontWidths[bold ? "bold" : "regular"];
  let units = 0;
  for (const character of text) units += unitsOf(character.codePointAt(0)!, ranges);
  return (units * fontSize) / unitsPerEm;
}
