import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import type { ReportFiles } from "../../src/report/index.js";
import { hasProgram } from "../support/programs.js";

const executablePath = "/usr/bin/chromium";

/** Why browser tests are skipped here, or undefined when they run. */
export const noBrowser = hasProgram(executablePath)
  ? undefined
  : `skipped: ${executablePath} is not installed`;

/** A headless browser that looks up nothing by itself. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** An opened report and everything it complained of or asked for. */
export interface OpenedReport {
  readonly page: Page;
  /** Console warnings and errors, uncaught errors, broken security rules, dialogs. */
  readonly complaints: readonly string[];
  /** Addresses it asked for, without those of the file itself and of data inside it. */
  readonly requests: readonly string[];
}

function listen(page: Page, complaints: string[], requests: string[]): void {
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url())) requests.push(request.url());
  });
}

/** Opens the page of a report from a file on disk with the network off and runs `use` on it. */
export async function withReport(
  browser: Browser,
  files: ReportFiles,
  use: (report: OpenedReport) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "isoscope-report-"));
  const path = join(folder, "index.html");
  await writeFile(path, files.get("index.html")!);
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  try {
    await context.setOffline(true);
    const page = await context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    listen(page, complaints, requests);
    await page.goto(pathToFileURL(path).href);
    if (options.javaScriptEnabled !== false)
      await page.waitForFunction("document.documentElement.dataset.scheme !== undefined");
    await use({ page, complaints, requests: requests.slice(1) });
  } finally {
    await context.close();
    await rm(dirname(path), { recursive: true });
  }
}
