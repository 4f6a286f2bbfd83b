import { createHash } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { type ReportFiles, type ReportInput, renderReport } from "../../src/report/index.js";
import { manyNames, syntheticReport } from "./synthetic.js";

const shape = { networks: manyNames.slice(0, 4), blocks: 54, decades: 3 };
const input = syntheticReport(shape);

function text(files: ReportFiles, path: string): string {
  return new TextDecoder().decode(files.get(path));
}

/** Contents of the elements of a page that run as programs. */
function programs(page: string): readonly string[] {
  return [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, code]) => code!);
}

/** What a reader sees of a page, without its programs: a failed test prints it. */
function shownPart(html: string): string {
  return html.slice(html.indexOf("<main>"), html.indexOf("</main>"));
}

let files: ReportFiles;
let page: string;
beforeAll(async () => {
  files = await renderReport(input);
  page = text(files, "index.html");
}, 60_000);

test("a report is a page, a Markdown file and three files a chart", () => {
  expect([...files.keys()]).toEqual([
    "index.html",
    "report.md",
    ...["signal-propagation", "gain"].flatMap((name) =>
      ["vl.json", "svg", "png"].map((ending) => `charts/${name}.${ending}`),
    ),
  ]);
});

test("equal inputs give equal bytes", async () => {
  const again = await renderReport(syntheticReport(shape));
  for (const [path, bytes] of files) {
    expect(Buffer.compare(again.get(path)!, bytes), path).toBe(0);
  }
});

test("the page allows its own programs by their hashes and nothing else", () => {
  const policy = /Content-Security-Policy" content="([^"]+)"/.exec(page)![1]!;
  const hashes = programs(page).map(
    (code) => `'sha256-${createHash("sha256").update(code).digest("base64")}'`,
  );
  expect(hashes).toHaveLength(4);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain(`script-src ${hashes.join(" ")};`);
  expect(policy).not.toContain("unsafe-eval");
});

test("the page says what was run: every option, seed, version and hash", () => {
  const run = input.run;
  for (const said of [run.data.hash, "tfjs-core 4.22.0", "initializer=he-fan-in", "0, 1, 2"]) {
    expect(shownPart(page)).toContain(said);
    expect(text(files, "report.md")).toContain(said);
  }
  expect(page.indexOf("<h2>Verdicts")).toBeLessThan(page.indexOf("<figure"));
});

test("a specification file holds its data and draws in the colours of the report", () => {
  const spec = JSON.parse(text(files, "charts/gain.vl.json"));
  expect(spec.data.values).toHaveLength(3);
  expect(spec.encoding.color.scale.domain).toEqual(manyNames.slice(0, 4));
  expect(spec.config.range.category).toHaveLength(12);
});

test("a network keeps its colour in a chart that lacks the first network", () => {
  const [bars = ""] = /mark-rect role-mark[\s\S]*?<\/g>/.exec(text(files, "charts/gain.svg")) ?? [];
  const colours = [...bars.matchAll(/fill="(#[0-9a-f]{6})"/g)].map(([, colour]) => colour);
  expect(colours).toEqual(["#d9480f", "#0f7b5f", "#a21caf"]);
});

test("the data table under a chart stops at 200 rows and says where the rest is", () => {
  expect(shownPart(page)).toContain("The first 200 of 432 rows");
  expect(shownPart(page)).toContain("charts/signal-propagation.vl.json");
});

test("a number that is not finite is left out of a drawing and shown by name in its table", async () => {
  const [, gain] = input.charts;
  const rows = [{ network: "idshort", gain: Number.POSITIVE_INFINITY }, ...gain!.data];
  const overflowing: ReportInput = { ...input, charts: [{ ...gain!, data: rows }] };
  const drawn = await renderReport(overflowing);
  expect(JSON.parse(text(drawn, "charts/gain.vl.json")).data.values[0].gain).toBeNull();
  expect(shownPart(text(drawn, "index.html"))).toContain("<td>infinite</td>");
});

test("a chart whose name is not a file name is refused", async () => {
  const [, gain] = input.charts;
  const named: ReportInput = { ...input, charts: [{ ...gain!, name: "../gain" }] };
  await expect(renderReport(named)).rejects.toThrow('chart name "../gain"');
});

test("a report without charts, verdicts and numbers is still a page", async () => {
  const empty = await renderReport({
    ...input,
    verdicts: [],
    charts: [],
    summary: { header: [], rows: [] },
  });
  expect(shownPart(text(empty, "index.html"))).not.toContain("<h2>");
  expect([...empty.keys()]).toEqual(["index.html", "report.md"]);
});
