import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ReportFiles, renderReport } from "../../src/report/index.js";
import { launchBrowser, noBrowser, withReport } from "./browser.js";
import { propagationReport } from "./propagation.js";
import { manyNames, syntheticReport } from "./synthetic.js";

/** Starting a browser and drawing many charts is slow on a busy machine. */
const patience = 120_000;

const hostileNames = [
  "</script><img src=x onerror=alert(1)>",
  "\"'`$\u007b1+1}\u2028\u2029\n",
  "__proto__",
  "constructor",
  "$& | {{x}} \\",
];

const point = "#chart-signal-propagation .live .mark-symbol.role-mark path";
const legendLabel = "#chart-signal-propagation .live .role-legend-label text";

let browser: Browser | undefined;
let four: ReportFiles;

beforeAll(async () => {
  if (noBrowser !== undefined) return;
  browser = await launchBrowser();
  four = await draw(manyNames.slice(0, 4), 8, 3);
}, patience);

beforeEach(({ skip }) => {
  if (noBrowser !== undefined) skip(noBrowser);
});

afterAll(() => browser?.close());

function draw(networks: readonly string[], blocks: number, decades: number): Promise<ReportFiles> {
  return renderReport(syntheticReport({ networks, blocks, decades }));
}

/** Number of points by opacity. */
function opacities(page: Page): Promise<Readonly<Record<string, number>>> {
  return page.evaluate(`(() => {
    const count = {};
    for (const path of document.querySelectorAll(${JSON.stringify(point)})) {
      const opacity = path.getAttribute("opacity") ?? "1";
      count[opacity] = (count[opacity] ?? 0) + 1;
    }
    return count;
  })()`);
}

/** How an element is shown, `none` when it is not. */
function display(page: Page, selector: string): Promise<string> {
  return page.evaluate(`getComputedStyle(document.querySelector("${selector}")).display`);
}

test.each([
  [1, 8, 1],
  [4, 54, 3],
  [12, 54, 30],
])(
  "%i networks of %i blocks over %i decades are drawn from disk without complaint or request",
  {
    timeout: patience,
  },
  async (count, blocks, decades) => {
    const files = await draw(manyNames.slice(0, count), blocks, decades);
    await withReport(browser!, files, async ({ page, complaints, requests }) => {
      // Forward and backward: a point a network and block in each.
      expect(await page.locator(point).count()).toBe(2 * count * blocks);
      expect(complaints).toEqual([]);
      expect(requests).toEqual([]);
    });
  },
);

test("the charts of signal propagation are drawn without complaint or request", {
  timeout: patience,
}, async () => {
  const report = propagationReport({ networks: manyNames, blocks: 54, decades: 30 });
  await withReport(browser!, await renderReport(report), async ({ page, complaints, requests }) => {
    expect(await page.locator("figure.drawn").count()).toBe(report.charts.length);
    expect(complaints).toEqual([]);
    expect(requests).toEqual([]);
  });
});

test("hostile names, notes and titles are shown as text and start nothing", {
  timeout: patience,
}, async () => {
  const [script = ""] = hostileNames;
  const shape = { networks: hostileNames, blocks: 8, decades: 2 };
  for (const made of [syntheticReport(shape), propagationReport(shape)]) {
    const report = { ...made, title: script, question: script, note: hostileNames.join("\n") };
    await withReport(browser!, await renderReport(report), async (opened) => {
      const { page, complaints, requests } = opened;
      expect(await page.title()).toBe(script);
      expect(await page.locator("img, main script").count()).toBe(0);
      expect(await page.locator("figure.drawn").count()).toBe(report.charts.length);
      expect(await page.locator(legendLabel).count()).toBe(hostileNames.length);
      expect(await page.locator(legendLabel).first().textContent()).toBe(script);
      await page.locator(point).first().hover({ force: true });
      expect(await page.locator("#vg-tooltip-element img").count()).toBe(0);
      expect(complaints).toEqual([]);
      expect(requests).toEqual([]);
    });
  }
});

test("a series named like a property of every object is drawn like the others", {
  timeout: patience,
}, async () => {
  const files = await draw(hostileNames, 8, 2);
  await withReport(browser!, files, async ({ page }) => {
    const lines: readonly string[] = await page.evaluate(
      `[...document.querySelectorAll("${point.replace("symbol", "line")}")].map((p) => p.getAttribute("d") ?? "")`,
    );
    // Two panels: a line a network and the dashed prediction of the first network in each.
    expect(lines.filter((path) => path.length > 20)).toHaveLength(2 * (hostileNames.length + 1));
  });
});

test("the page runs no program but its own", { timeout: patience }, async () => {
  await withReport(browser!, four, async ({ page, complaints }) => {
    await page.evaluate(`(() => {
      const script = document.createElement("script");
      script.textContent = "document.title = 'injected'";
      document.body.append(script);
    })()`);
    expect(await page.title()).not.toBe("injected");
    expect(complaints.join()).toContain("Content Security Policy");
  });
});

test("a click in the legend isolates a network in both panels and a click beside the marks brings all back", {
  timeout: patience,
}, async () => {
  await withReport(browser!, four, async ({ page }) => {
    expect(await opacities(page)).toEqual({ 1: 64 });
    await page.locator(legendLabel).nth(1).click();
    await expect.poll(() => opacities(page)).toEqual({ 1: 16, 0.1: 48 });
    await page
      .locator(legendLabel)
      .nth(2)
      .click({ modifiers: ["Shift"] });
    await expect.poll(() => opacities(page)).toEqual({ 1: 32, 0.1: 32 });
    await page.locator("#chart-signal-propagation .live svg").click({ position: { x: 4, y: 4 } });
    await expect.poll(() => opacities(page)).toEqual({ 1: 64 });
  });
});

test("a point says its network and numbers when it is pointed at", {
  timeout: patience,
}, async () => {
  await withReport(browser!, four, async ({ page }) => {
    await page.locator(point).nth(3).hover({ force: true });
    await page.locator("#vg-tooltip-element.visible").waitFor();
    expect(await page.locator("#vg-tooltip-element").textContent()).toContain(manyNames[0]);
  });
});

test("colours follow the scheme of the screen, also when it changes", {
  timeout: patience,
}, async () => {
  const fill = (page: Page) => page.locator(point).first().getAttribute("fill");
  await withReport(browser!, four, async ({ page, complaints }) => {
    expect(await fill(page)).toBe("#1f5fc4");
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(() => fill(page)).toBe("#6ea8fe");
    expect(await page.locator(".live > svg").count()).toBe(2);
    expect(complaints).toEqual([]);
  });
});

test("paper shows the still charts, what was run, and no buttons", {
  timeout: patience,
}, async () => {
  await withReport(browser!, four, async ({ page }) => {
    const shown = async () => [
      await display(page, ".live"),
      await display(page, ".still"),
      await display(page, ".save"),
    ];
    expect(await shown()).toEqual(["block", "none", "flex"]);
    await page.emulateMedia({ media: "print" });
    expect(await shown()).toEqual(["none", "block", "none"]);
    expect(await page.locator(".facts").isVisible()).toBe(true);
  });
});

test("without scripts the still charts are shown", { timeout: patience }, async () => {
  await withReport(
    browser!,
    four,
    async ({ page }) => {
      expect(await page.locator(".still svg").first().isVisible()).toBe(true);
      expect(await page.locator(".save").first().isVisible()).toBe(false);
    },
    { javaScriptEnabled: false },
  );
});

test("every picture and table has a name for those who do not see it", {
  timeout: patience,
}, async () => {
  await withReport(browser!, four, async ({ page }) => {
    const names: readonly string[] = await page.evaluate(
      `[...document.querySelectorAll(".live")].map((part) => part.getAttribute("aria-label"))`,
    );
    expect(names).toHaveLength(2);
    expect(names[0]).toContain("A flat line keeps its signal");
    expect(await page.getByRole("region", { name: "Verdicts" }).count()).toBe(1);
  });
});

test.each(["svg", "png", "vl.json"])(
  "a chart can be saved as %s",
  {
    timeout: patience,
  },
  async (ending) => {
    await withReport(browser!, four, async ({ page, complaints }) => {
      const saving = page.waitForEvent("download");
      await page.locator(`#chart-gain [data-save="${ending}"]`).click();
      expect((await saving).suggestedFilename()).toBe(`gain.${ending}`);
      expect(complaints).toEqual([]);
    });
  },
);

/** Widths of the tables of numbers and verdicts and of the boxes around them. */
function tableWidths(page: Page): Promise<readonly (readonly [table: number, box: number])[]> {
  return page.evaluate(`["Numbers", "Verdicts"].map((name) => {
    const box = document.querySelector('[role=region][aria-label="' + name + '"]');
    return [box.scrollWidth, box.clientWidth];
  })`);
}

test("the tables of numbers and verdicts fit into whole and halved screens", {
  timeout: patience,
}, async () => {
  const made = syntheticReport({ networks: manyNames, blocks: 8, decades: 3 });
  const { header } = propagationReport({ networks: manyNames, blocks: 3, decades: 3 }).summary;
  expect(header).toHaveLength(8);
  const longest = [
    "1.00 ± 0.0002",
    "1.41 average channel variance",
    "! is exactly zero at every block",
  ];
  const rows = manyNames.map((name) => [name, "54", ...longest, ...longest]);
  const files = await renderReport({ ...made, summary: { header, rows } });
  await withReport(browser!, files, async ({ page }) => {
    for (const width of [1200, 800]) {
      await page.setViewportSize({ width, height: 900 });
      for (const [table, box] of await tableWidths(page)) expect(table).toBeLessThanOrEqual(box);
    }
  });
});

test("the page does not scroll sideways on a narrow screen", { timeout: patience }, async () => {
  const files = await draw(manyNames, 8, 3);
  await withReport(
    browser!,
    files,
    async ({ page }) => {
      const width = await page.evaluate("document.documentElement.scrollWidth");
      expect(width).toBeLessThanOrEqual(390);
    },
    { viewport: { width: 390, height: 800 } },
  );
});
