import { expect, test } from "vitest";
import { toPng } from "../../src/report/png.js";
import { textWidth } from "../../src/report/text-width.js";
import { darkSpan, decodePng } from "./pixels.js";

function line(text: string, weight: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="40"><text x="10" y="28"
    font-size="20px" font-weight="${weight}" font-family="DejaVu Sans, Verdana, sans-serif">${text}</text></svg>`;
}

test.each([
  ["|variance σ²|", "normal"],
  ["|χ at block 54|", "bold"],
])(
  "text %s in weight %s is drawn by the bundled font, as wide as the table says",
  async (text, weight) => {
    const picture = decodePng(await toPng(line(text, weight)));
    expect([picture.width, picture.height]).toEqual([600, 80]);
    const [first, last] = darkSpan(picture);
    const bold = weight === "bold";
    // The bars at both ends stand in the middle of their own width; two pixels for their thickness and the grid.
    const between = textWidth(text, 20, bold) - textWidth("|", 20, bold);
    expect(Math.abs((last - first) / 2 - between)).toBeLessThan(4);
  },
);

test("a picture without text has no dark pixel", async () => {
  const [first, last] = darkSpan(decodePng(await toPng(line("", "normal"))));
  expect(first).toBeGreaterThan(last);
});
