import { mkdir, writeFile } from "node:fs/promises";
import { test } from "vitest";
import { seriesOf, specify } from "../../src/report/chart.js";
import { renderReport, toSvg } from "../../src/report/index.js";
import { launchBrowser, withReport } from "./browser.js";
import { propagationReport } from "./propagation.js";
import { manyNames, syntheticReport } from "./synthetic.js";

const shapes = {
  one: { networks: ["isonet:depth=50"], blocks: 8, decades: 1 },
  four: { networks: manyNames.slice(0, 4), blocks: 54, decades: 3 },
  twelve: { networks: manyNames, blocks: 54, decades: 30 },
  hostile: {
    networks: [
      "</script><img src=x onerror=alert(1)>",
      "\"'`${x}\u2028\u2029",
      "__proto__",
      "$& | pipe",
    ],
    blocks: 8,
    decades: 2,
  },
};
test("shots", async () => {
  const browser = await launchBrowser();
  for (const [name, shape] of Object.entries(shapes)) {
    const input = (process.env.REAL ? propagationReport : syntheticReport)(shape);
    for (const c of input.charts) console.log((await toSvg(specify(c, seriesOf(input)))).warnings);
    const files = await renderReport(input);
    console.log(name, [...files].map(([p, b]) => `${p}:${b.length}`).join(" "));
 await mkdir(`/tmp/shots/${name}/charts`, { recursive: true });
    for (const [path, bytes] of files) await writeFile(`/tmp/shots/${name}/${path}`, bytes);
    for (const colorScheme of ["light", "dark"] as const)
      await withReport(
        browser,
        files,
        async ({ page, complaints, requests }) => {
          console.log(colorScheme, complaints, requests);
          await page.screenshot({ path: `/tmp/shots/${name}-${colorScheme}.png`, fullPage: true });
        },
        { colorScheme },
      );
    await withReport(
      browser,
      files,
      async ({ page }) => {
        await page.screenshot({ path: `/tmp/shots/${name}-phone.png`, fullPage: true });
      },
      { viewport: { width: 390, height: 800 } },
    );
    await withReport(
      browser,
      files,
      async ({ page }) => {
        await page.emulateMedia({ media: "print", colorScheme: "dark" });
        await page.screenshot({ path: `/tmp/shots/${name}-print.png`, fullPage: true });
      },
      { viewport: { width: 700, height: 990 } },
    );
    await withReport(
      browser,
      files,
      async ({ page }) => {
        await page.locator(".live svg").first().scrollIntoViewIfNeeded();
        await page.locator(".live .role-legend-label text").first().click();
        await page.waitForTimeout(300);
        await page.locator(".live .mark-symbol.role-mark path").nth(3).hover({ force: true });
        await page.waitForTimeout(300);
        await page.screenshot({ path: `/tmp/shots/${name}-click.png` });
        await page.locator("details.run summary").click();
        await page.locator("details.data summary").first().click();
        await page.screenshot({ path: `/tmp/shots/${name}-run.png`, fullPage: true });
      },
      { colorScheme: "dark" },
    );
  }
  await browser.close();
}, 300000);
