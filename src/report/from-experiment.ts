import type { Analysis, Joined, Row, Table, Verdict } from "../analyses/analysis.js";
import { load } from "../experiment/catalogue.js";
import type { ExperimentRecord } from "../experiment/record.js";
import type { Options, ReportChart, ReportInput } from "./input.js";
import { renderReport } from "./report.js";

/** What an experiment's rows say, before it is drawn. */
export interface Report {
  readonly verdicts: readonly Verdict[];
  readonly table: Table | undefined;
  readonly input: ReportInput;
}

type Measurement = Analysis<Readonly<Record<string, unknown>>, Row>;

function charts(measurement: Measurement, rows: readonly Joined<Row>[]): readonly ReportChart[] {
  return measurement.charts.map((chart) => {
    const data = chart.data(rows);
    return {
      name: chart.name,
      title: chart.title,
      howToRead: chart.howToRead,
      data,
      spec: chart.spec(data),
    };
  });
}

function networks(record: ExperimentRecord): ReportInput["run"]["networks"] {
  return record.networks.map(({ architecture, label, resolved, notes }) => ({
    name: architecture,
    label,
    options: resolved as Options,
    notes,
  }));
}

/** Verdicts, table and charts of an experiment. */
export async function reportOf(
  record: ExperimentRecord,
  rows: readonly Joined<Row>[],
): Promise<Report> {
  const measurement = await load("analyses", record.analysis);
  const verdicts = measurement.verdicts?.(rows) ?? [];
  const table = measurement.table?.(rows);
  const input: ReportInput = {
    title: record.title,
    question: record.question,
    ...(record.note === undefined ? {} : { note: record.note }),
    run: {
      command: record.command,
      networks: networks(record),
      seeds: record.seeds,
      data: record.data,
      backend: record.backend,
      analysis: { name: record.analysis, options: record.settings as Options },
      version: record.isoscope,
    },
    verdicts,
    charts: charts(measurement, rows),
    summary: table ?? { header: [], rows: [] },
  };
  return { verdicts, table, input };
}

const kinds: Readonly<Record<string, RegExp>> = {
  html: /\.html$/,
  md: /\.md$/,
  svg: /\.svg$/,
  png: /\.png$/,
  vl: /\.vl\.json$/,
};

/** The files of a report by path below its folder, of the kinds that were asked for. */
export async function reportFiles(
  report: Report,
  chosen: readonly string[],
): Promise<ReadonlyMap<string, string | Uint8Array>> {
  const files = await renderReport(report.input);
  const wanted = (path: string) => chosen.some((kind) => kinds[kind]?.test(path));
  return new Map([...files].filter(([path]) => wanted(path)));
}
